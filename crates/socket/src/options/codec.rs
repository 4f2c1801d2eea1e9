//! How options that are one number are read and written, and the macro that makes a line of each a method.

use std::time::Duration;

/// What C's `int` means for one kind of option.
pub(super) trait Codec {
    /// The type in which a programmer thinks of it.
    type Value;
    fn from_int(int: i32) -> Self::Value;
    fn to_int(value: Self::Value) -> i32;
}

/// On or off.
pub(super) struct Flag;

impl Codec for Flag {
    type Value = bool;
    fn from_int(int: i32) -> bool {
        int != 0
    }
    fn to_int(value: bool) -> i32 {
        value.into()
    }
}

/// A number that may be negative.
pub(super) struct Int;

impl Codec for Int {
    type Value = i32;
    fn from_int(int: i32) -> i32 {
        int
    }
    fn to_int(value: i32) -> i32 {
        value
    }
}

/// A number of 32 bits.
pub(super) struct Unsigned;

impl Codec for Unsigned {
    type Value = u32;
    fn from_int(int: i32) -> u32 {
        int.cast_unsigned()
    }
    fn to_int(value: u32) -> i32 {
        value.cast_signed()
    }
}

/// A field of an IP header.
pub(super) struct Octet;

impl Codec for Octet {
    type Value = u8;
    fn from_int(int: i32) -> u8 {
        int.clamp(0, u8::MAX.into()) as u8
    }
    fn to_int(value: u8) -> i32 {
        value.into()
    }
}

/// The index of an interface in network byte order, as two options want it.
pub(super) struct InterfaceIndex;

impl Codec for InterfaceIndex {
    type Value = u32;
    fn from_int(int: i32) -> u32 {
        u32::from_be(int.cast_unsigned())
    }
    fn to_int(value: u32) -> i32 {
        value.to_be().cast_signed()
    }
}

/// A size in bytes. C's `int` would take more for a negative number; the kernel caps it far below anyway.
pub(super) struct Bytes;

impl Codec for Bytes {
    type Value = usize;
    fn from_int(int: i32) -> usize {
        usize::try_from(int).unwrap_or(0)
    }
    fn to_int(value: usize) -> i32 {
        i32::try_from(value).unwrap_or(i32::MAX)
    }
}

/// A time in whole seconds, rounded up.
pub(super) struct Seconds;

impl Codec for Seconds {
    type Value = Duration;
    fn from_int(int: i32) -> Duration {
        Duration::from_secs(u64::try_from(int).unwrap_or(0))
    }
    fn to_int(value: Duration) -> i32 {
        ceiling(value, Duration::from_secs(1))
    }
}

/// A time in whole milliseconds, rounded up.
pub(super) struct Milliseconds;

impl Codec for Milliseconds {
    type Value = Duration;
    fn from_int(int: i32) -> Duration {
        Duration::from_millis(u64::try_from(int).unwrap_or(0))
    }
    fn to_int(value: Duration) -> i32 {
        ceiling(value, Duration::from_millis(1))
    }
}

/// A time in whole microseconds, rounded up.
pub(super) struct Microseconds;

impl Codec for Microseconds {
    type Value = Duration;
    fn from_int(int: i32) -> Duration {
        Duration::from_micros(u64::try_from(int).unwrap_or(0))
    }
    fn to_int(value: Duration) -> i32 {
        ceiling(value, Duration::from_micros(1))
    }
}

/// Rounded up, so that what is short does not become zero, which most options take for "never" or "default".
fn ceiling(value: Duration, unit: Duration) -> i32 {
    i32::try_from(value.as_nanos().div_ceil(unit.as_nanos())).unwrap_or(i32::MAX)
}

/// C's `int` from as many bytes as the kernel gave: some options answer with one, none with more than four.
pub(super) fn int_of(bytes: &[u8]) -> i32 {
    match *bytes {
        [byte] => byte.into(),
        [one, other] => u16::from_ne_bytes([one, other]).into(),
        [a, b, c, d] => i32::from_ne_bytes([a, b, c, d]),
        _ => 0,
    }
}

/// A line an option: what it is, its C name, its type and how that is laid out, its reader and its writer.
///
/// ```text
/// /// what it is. Default: no.
/// SO_X, "SO_X": bool as Flag { x, set_x(argument, "before binding", "`EPERM` without the privilege") }
/// ```
macro_rules! options {
    ($(
        #[doc = $first:literal] $(#[$more:meta])*
        $option:ident, $c_name:literal: $type:ty as $codec:ident {
            $get:ident $(, $set:ident($argument:ident $(, $note:literal $(, $error:literal)?)?))?
        }
    )+) => {
        $(
            #[doc = concat!("`", $c_name, "`:", $first)]
            $(#[$more])*
            ///
            /// # Errors
            /// `ENOPROTOOPT` or `EOPNOTSUPP` for a socket or a kernel that has no such option.
            #[doc(alias = $c_name)]
            pub fn $get(&self) -> Result<$type> {
                self.option(SocketOption::$option).map(<$codec as Codec>::from_int)
            }

            $(
                #[doc = concat!("Sets `", $c_name, "`", $(": ", $note,)? ".")]
                ///
                /// # Errors
                #[doc = concat!(
                    "`ENOPROTOOPT` or `EOPNOTSUPP` for a socket or a kernel that has no such option",
                    $($("; ", $error,)?)? "."
                )]
                #[doc(alias = $c_name)]
                pub fn $set(&self, $argument: $type) -> Result<()> {
                    self.set_option(SocketOption::$option, <$codec as Codec>::to_int($argument))
                }
            )?
        )+
    };
}

pub(super) use options;
