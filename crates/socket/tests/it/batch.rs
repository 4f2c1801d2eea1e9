//! Batches: what is sent is what arrives, merged on the way or not.
