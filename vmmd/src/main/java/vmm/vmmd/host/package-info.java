/** What vmmd does on its host: images, state, tenders, the supervisor, the console. */
package vmm.vmmd.host;
