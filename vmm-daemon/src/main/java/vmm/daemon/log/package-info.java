/** Where Log4j's API leads: lines on standard error. */
package vmm.daemon.log;
