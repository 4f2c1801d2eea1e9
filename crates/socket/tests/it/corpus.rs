//! Replays what fuzzing starts from and what it found.

#[macro_use]
#[path = "../../../../fuzz/replay.rs"]
mod replay;

replay! {
    address "../../../../fuzz/targets/address.rs";
    ancillary "../../../../fuzz/targets/ancillary.rs";
}
