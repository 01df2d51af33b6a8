/** What vmmd decides; pure. */
package vmm.vmmd.core;
