/** What a chain of certificates asks for, and what is refused: values and pure functions. */
package vmm.tls.core;
