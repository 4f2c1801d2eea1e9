//! Every cap on what a peer may send, its unit in its name.

// Names.

/// Bytes of one segment of a name: what Linux, and with it every common file system, allows.
pub const NAME_SEGMENT_BYTES: usize = 255;
/// Bytes of a whole name: Linux's `PATH_MAX`.
pub const NAME_BYTES: usize = 4096;
/// Segments of a name.
pub const NAME_SEGMENTS: usize = 64;

// Structured values.

/// Levels of lists and maps within each other in a value: serde_json's own limit, for CBOR as well.
pub const VALUE_DEPTH: usize = 127;

// WebSocket.

/// Bytes of a control frame's payload (RFC 6455, section 5.5).
pub const WS_CONTROL_BYTES: usize = 125;

// The chat room.

/// Bytes of a message's text, and of a line from a text member.
pub const CHAT_TEXT_BYTES: usize = 4096;
/// Characters of a member's name.
pub const CHAT_NAME_CHARS: usize = 32;
/// Bytes of a page's own number for a message, and of the token that a tab keeps.
pub const CHAT_ID_BYTES: usize = 64;
/// Bytes of one request from a page: a text of which every byte is escaped as `\u0000`, and what is around it.
pub const CHAT_REQUEST_BYTES: usize = 6 * CHAT_TEXT_BYTES + 4096;
/// Lines of one message: each is a line of its own, after the name, to who hears it as text.
pub const CHAT_TEXT_LINES: usize = 100;

// Talk.

/// Bytes of typed lines that wait for their turn.
pub const TURN_HELD_BYTES: usize = 64 * 1024;

// HTTP.

/// Bytes of a request's head: request line, fields and blank line.
pub const HTTP_HEAD_BYTES: usize = 16 * 1024;
/// Bytes of a request's target.
pub const HTTP_TARGET_BYTES: usize = 8 * 1024;
/// Fields in a request's head.
pub const HTTP_HEADER_COUNT: usize = 100;
/// Empty lines before a request line.
pub const HTTP_EMPTY_LINE_COUNT: usize = 4;
/// Bytes of all the chunk extensions of a body.
pub const HTTP_CHUNK_EXTENSION_BYTES: usize = 8 * 1024;
/// Bytes of a body's trailer section.
pub const HTTP_TRAILER_BYTES: usize = 8 * 1024;
/// Ranges in a request; with more, the request gets the whole.
pub const HTTP_RANGE_COUNT: usize = 16;
/// Members of Accept that are looked at.
pub const HTTP_ACCEPT_COUNT: usize = 32;
