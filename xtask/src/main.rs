//! The one door for whoever works on the code.
fn main() {}
