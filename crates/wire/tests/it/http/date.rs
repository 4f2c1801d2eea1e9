//! Dates, three forms in and one out.

use landline_wire::http::{FixDate, date};
use proptest::prelude::*;

const NOW: u64 = 1_763_659_000; // 20 November 2025

fn parse(text: &str) -> Option<u64> {
    date::parse(text.as_bytes(), NOW)
}

#[test]
fn rfc9110_5_6_7_the_example_in_three_forms() {
    for text in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        assert_eq!(parse(text), Some(784_111_777), "{text}");
    }
    assert_eq!(
        FixDate::new(784_111_777).as_str(),
        "Sun, 06 Nov 1994 08:49:37 GMT"
    );
}

#[test]
fn known_days_are_written_right() {
    for (seconds, text) in [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (68_255_999, "Tue, 29 Feb 1972 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] {
        assert_eq!(FixDate::new(seconds).as_str(), text);
        assert_eq!(parse(text), Some(seconds), "{text}");
    }
    assert_eq!(
        parse("Fri, 31 Dec 9999 23:59:60 GMT"),
        Some(253_402_300_799)
    );
    assert_eq!(
        FixDate::new(u64::MAX).as_str(),
        "Fri, 31 Dec 9999 23:59:59 GMT"
    );
}

#[test]
fn rfc9110_5_6_7_two_digits_are_never_more_than_50_years_ahead() {
    assert_eq!(
        parse("Friday, 20-Nov-26 00:00:00 GMT"),
        parse("Fri, 20 Nov 2026 00:00:00 GMT")
    );
    assert_eq!(
        parse("Friday, 01-Nov-75 00:00:00 GMT"),
        parse("Fri, 01 Nov 2075 00:00:00 GMT")
    );
    assert_eq!(
        parse("Friday, 01-Dec-75 00:00:00 GMT"),
        parse("Fri, 01 Dec 1975 00:00:00 GMT")
    );
    assert_eq!(
        parse("Friday, 31-Dec-99 00:00:00 GMT"),
        parse("Fri, 31 Dec 1999 00:00:00 GMT")
    );
    let in_2099 = 4_070_908_800;
    assert_eq!(
        date::parse(b"Friday, 01-Jan-01 00:00:00 GMT", in_2099),
        parse("Sat, 01 Jan 2101 00:00:00 GMT")
    );
    // 29 February 2100 is no day; 2000 had one.
    assert_eq!(
        date::parse(b"Friday, 29-Feb-00 00:00:00 GMT", in_2099),
        parse("Tue, 29 Feb 2000 00:00:00 GMT")
    );
}

#[test]
fn rfc9110_5_6_7_a_leap_second_is_the_next_minute() {
    assert_eq!(
        parse("Sat, 31 Dec 2016 23:59:60 GMT"),
        parse("Sun, 01 Jan 2017 00:00:00 GMT")
    );
}

#[test]
fn before_the_epoch_is_the_epoch() {
    assert_eq!(parse("Wed, 31 Dec 1969 23:59:59 GMT"), Some(0));
    assert_eq!(parse("Sat, 01 Jan 0000 00:00:00 GMT"), Some(0));
}

#[test]
fn anything_else_is_no_date() {
    for text in [
        "",
        "now",
        "0",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1900 08:49:37 GMT",
        "Sun, 29 Feb 2023 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:00:61 GMT",
        "Sun, 06 Nov 1994 +8:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov   6 08:49:37 1994",
        "Sun Nov 06 08:49:37 94",
    ] {
        assert_eq!(parse(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(seconds in 0_u64..253_402_300_800) {
        prop_assert_eq!(date::parse(FixDate::new(seconds).as_ref(), NOW), Some(seconds));
    }

    #[test]
    fn any_bytes_are_a_date_or_not(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = date::parse(&bytes, NOW);
    }
}
