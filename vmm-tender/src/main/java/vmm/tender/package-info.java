/** The tender: one guest on /dev/kvm, its devices, and the walls around it. */
package vmm.tender;
