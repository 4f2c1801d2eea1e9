//! The fields of a request's head: one copy of its bytes, and where each field lies in it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Fault;
use super::syntax::members;

/// A stretch of the head's bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Where `part` lies within `whole`, of which it must be a slice.
    pub(super) fn of(whole: &[u8], part: &[u8]) -> Self {
        let start = part.as_ptr().addr() - whole.as_ptr().addr();
        // The scanner refuses a head that does not fit 32 bits, whatever the limits say.
        Self {
            start: start as u32,
            end: (start + part.len()) as u32,
        }
    }

    pub(super) fn within(self, whole: &[u8]) -> &[u8] {
        &whole[self.start as usize..self.end as usize]
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: Span,
    pub(super) value: Span,
}

/// The header fields of a request, in the order in which they came.
///
/// Names are compared without case. Values are bytes, trimmed, without control bytes but the tab; they may
/// hold bytes above 0x7F (RFC 9110 §5.5).
#[derive(Clone, Debug)]
pub struct Headers {
    pub(super) bytes: Box<[u8]>,
    pub(super) fields: Vec<Field>,
}

impl Headers {
    /// The value of a field that has one; `None` when it is absent.
    ///
    /// # Errors
    /// `400 Bad Request` when the field came twice: two readers of the request could then each believe
    /// another value.
    pub fn get(&self, name: &str) -> Result<Option<&[u8]>, Fault> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Fault::bad("A header field that may come once came twice."));
        }
        Ok(first)
    }

    /// The value of each line of that field, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |field| {
                field
                    .name
                    .within(&self.bytes)
                    .eq_ignore_ascii_case(name.as_bytes())
            })
            .map(|field| field.value.within(&self.bytes))
    }

    /// The members of a comma-separated field over all its lines (RFC 9110 §5.6.1), trimmed, without empty
    /// ones; a comma inside a quoted string does not separate.
    pub fn list<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.all(name).flat_map(|value| members(value, b','))
    }

    /// Whether a comma-separated field has `token` as a member, compared without case.
    #[must_use]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.list(name)
            .any(|member| member.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// Whether the field is there at all.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Every field as name and value, in order, the name as it was written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|field| {
            // A name is a token, so it is ASCII and never falls back to the empty text.
            let name = str::from_utf8(field.name.within(&self.bytes)).unwrap_or_default();
            (name, field.value.within(&self.bytes))
        })
    }
}
