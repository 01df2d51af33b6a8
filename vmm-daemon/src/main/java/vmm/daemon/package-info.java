/** What every daemon shares. */
package vmm.daemon;
