/** What vmm-console decides: rings and who hears what. No input or output. */
package vmm.console.core;
