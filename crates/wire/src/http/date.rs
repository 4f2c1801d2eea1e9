//! Dates as HTTP writes them (RFC 9110 §5.6.7), from and to seconds since the epoch.

use core::fmt;

use super::syntax::exact_number;

/// A date in the fixed form, `Sun, 06 Nov 1994 08:49:37 GMT`; made without allocating.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FixDate([u8; 29]);

impl FixDate {
    /// The date of that many seconds since the epoch; what is after the year 9999 gives its last second.
    #[doc(alias = "formatdate")]
    #[must_use]
    pub fn new(seconds: u64) -> Self {
        let seconds = seconds.min(LAST_SECOND);
        let (days, second) = (seconds / DAY, seconds % DAY);
        let (year, month, day) = civil_of_days(days);
        let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
        // 1970 began on a Thursday.
        text[..3].copy_from_slice(&WEEKDAYS[((days + 3) % 7) as usize].as_bytes()[..3]);
        text[8..11].copy_from_slice(MONTHS[month as usize - 1].as_bytes());
        for (at, value) in [
            (5, day),
            (12, year / 100),
            (14, year % 100),
            (17, second / 3600),
            (20, second / 60 % 60),
            (23, second % 60),
        ] {
            text[at] = b'0' + (value / 10) as u8;
            text[at + 1] = b'0' + (value % 10) as u8;
        }
        Self(text)
    }

    /// The 29 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Digits and names only, so it is ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl AsRef<[u8]> for FixDate {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for FixDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for FixDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Seconds since the epoch of a date in any of the three forms: fixed, RFC 850's and `asctime`'s. `None` for
/// anything else; what is before 1970 gives 0.
///
/// `now` decides the century of a year of two digits: never more than 50 years ahead. The weekday must be
/// one, but need not be that day's.
#[doc(alias = "parsedate")]
#[must_use]
pub fn parse(text: &[u8], now: u64) -> Option<u64> {
    parse_fixed(text)
        .or_else(|| parse_rfc850(text, now))
        .or_else(|| parse_asctime(text))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn parse_fixed(text: &[u8]) -> Option<u64> {
    let mut cursor = Cursor(text);
    cursor.short_weekday()?;
    cursor.literal(", ")?;
    let day = cursor.number(2)?;
    cursor.literal(" ")?;
    let month = cursor.month()?;
    cursor.literal(" ")?;
    let year = cursor.number(4)?;
    cursor.literal(" ")?;
    let time = cursor.time()?;
    cursor.literal(" GMT")?;
    cursor.end()?;
    seconds_of(year, month, day, time)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn parse_rfc850(text: &[u8], now: u64) -> Option<u64> {
    let mut cursor = Cursor(text);
    WEEKDAYS
        .iter()
        .find(|name| cursor.literal(name).is_some())?;
    cursor.literal(", ")?;
    let day = cursor.number(2)?;
    cursor.literal("-")?;
    let month = cursor.month()?;
    cursor.literal("-")?;
    let year = cursor.number(2)?;
    cursor.literal(" ")?;
    let time = cursor.time()?;
    cursor.literal(" GMT")?;
    cursor.end()?;
    // The latest year with those digits that is not too far ahead; the day may not exist in every one.
    let (this_year, _, _) = civil_of_days(now / DAY);
    let century = this_year / 100 * 100;
    [century + 100, century, century.saturating_sub(100)]
        .into_iter()
        .filter_map(|century| seconds_of(century + year, month, day, time))
        .find(|seconds| *seconds <= now.saturating_add(FIFTY_YEARS))
}

/// `Sun Nov  6 08:49:37 1994`
fn parse_asctime(text: &[u8]) -> Option<u64> {
    let mut cursor = Cursor(text);
    cursor.short_weekday()?;
    cursor.literal(" ")?;
    let month = cursor.month()?;
    cursor.literal(" ")?;
    let day_digits = if cursor.literal(" ").is_some() { 1 } else { 2 };
    let day = cursor.number(day_digits)?;
    cursor.literal(" ")?;
    let time = cursor.time()?;
    cursor.literal(" ")?;
    let year = cursor.number(4)?;
    cursor.end()?;
    seconds_of(year, month, day, time)
}

/// What of a date's text is still to be read; letters count with their case.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, size: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(taken)
    }

    fn literal(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text.as_bytes())?;
        Some(())
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    fn number(&mut self, digits: usize) -> Option<u64> {
        exact_number(self.take(digits)?)
    }

    fn short_weekday(&mut self) -> Option<()> {
        let name = self.take(3)?;
        WEEKDAYS
            .iter()
            .any(|weekday| weekday.as_bytes().starts_with(name))
            .then_some(())
    }

    fn month(&mut self) -> Option<u64> {
        let name = self.take(3)?;
        let index = MONTHS.iter().position(|month| month.as_bytes() == name)?;
        Some(index as u64 + 1)
    }

    /// `hh:mm:ss` as seconds of the day; a leap second is the next minute's first.
    fn time(&mut self) -> Option<u64> {
        let hour = self.number(2)?;
        self.literal(":")?;
        let minute = self.number(2)?;
        self.literal(":")?;
        let second = self.number(2)?;
        (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
    }
}

/// That second of that day, in seconds since the epoch; `None` if there is no such day, 0 before the epoch.
fn seconds_of(year: u64, month: u64, day: u64, second: u64) -> Option<u64> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days_in_month = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day == 0 || day > days_in_month {
        return None;
    }
    if year < 1970 {
        return Some(0);
    }
    // Years are counted from March, so that the leap day is a year's last; 153 days are five such months.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    let seconds = (days - EPOCH_DAYS) * DAY + second;
    Some(seconds.min(LAST_SECOND))
}

/// Year, month and day of a day counted from the epoch, by the same calendar from March.
#[must_use]
pub fn civil_of_days(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH_DAYS;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    // Takes out the leap days that lie before the day, those of 4, 100 and 400 years.
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

const DAY: u64 = 86_400;
/// From 1 March of the year 0 to the epoch.
const EPOCH_DAYS: u64 = 719_468;
const DAYS_OF_400_YEARS: u64 = 146_097;
/// 31 December 9999, 23:59:59: the fixed form has four digits for a year.
const LAST_SECOND: u64 = 253_402_300_799;
const FIFTY_YEARS: u64 = 50 * 31_556_952;

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
