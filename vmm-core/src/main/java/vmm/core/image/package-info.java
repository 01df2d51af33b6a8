/** Solo5 images as they are read: what an ELF file says of itself before anybody runs it. */
package vmm.core.image;
