/**
 * The configuration library: a typed graph of devices becomes {@code main.ml}, a manifest, a plan.
 */
package vmm.config;
