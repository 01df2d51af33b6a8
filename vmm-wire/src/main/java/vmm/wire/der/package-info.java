/** The codec: strict DER of albatross's grammar, in every release's form. */
package vmm.wire.der;
