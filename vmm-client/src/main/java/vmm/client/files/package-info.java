/** What is known about files wherever the client reads or writes them. */
package vmm.client.files;
