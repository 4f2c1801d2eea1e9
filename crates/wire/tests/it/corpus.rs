//! Replays what fuzzing starts from and what it found.

#[macro_use]
#[path = "../../../../fuzz/replay.rs"]
mod replay;

replay! {
    http_head "../../../../fuzz/targets/http_head.rs";
    http_body "../../../../fuzz/targets/http_body.rs";
    http_range_condition "../../../../fuzz/targets/http_range_condition.rs";
    http_date_accept_disposition "../../../../fuzz/targets/http_date_accept_disposition.rs";
    name "../../../../fuzz/targets/name.rs";
    line "../../../../fuzz/targets/line.rs";
    frame "../../../../fuzz/targets/frame.rs";
    value "../../../../fuzz/targets/value.rs";
    ws "../../../../fuzz/targets/ws.rs";
    chat "../../../../fuzz/targets/chat.rs";
    turn "../../../../fuzz/targets/turn.rs";
}
