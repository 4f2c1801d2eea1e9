//! What a reply says: text with places that each message fills.

use std::fmt;
use std::str::FromStr;

/// A text with places: `{peer}`, `{data}` and `{count}`. A brace itself is `{{` or `}}`, as in Python's `str.format`.
///
/// It is taken apart once, before anybody has sent anything, so what a peer sends is never looked into for places.
///
/// # Examples
/// ```
/// use landline_tools::echo::Template;
///
/// let template: Template = "{peer} said {data}".parse()?;
/// assert_eq!(template.fill("127.0.0.1:4711", b"{count}", 1), b"127.0.0.1:4711 said {count}");
/// assert!("{name}".parse::<Template>().is_err());
/// # Ok::<(), landline_tools::echo::TemplateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Peer,
    Data,
    Count,
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// A `{` that no `}` follows.
    Unclosed,
    /// A `}` that no `{` opens.
    Unopened,
    /// A place that nothing fills, by its name.
    Unknown(String),
}

impl Template {
    /// The text with all its places filled: who sent the message, the message, and the how-manieth it is.
    #[must_use]
    pub fn fill(&self, peer: &str, data: &[u8], count: u64) -> Vec<u8> {
        let mut text = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.extend_from_slice(plain.as_bytes()),
                Piece::Peer => text.extend_from_slice(peer.as_bytes()),
                Piece::Data => text.extend_from_slice(data),
                Piece::Count => text.extend_from_slice(count.to_string().as_bytes()),
            }
        }
        text
    }

    fn push(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Piece::Text(text.to_owned())),
        }
    }
}

impl FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let mut template = Self(Vec::new());
        let mut rest = text;
        while let Some((plain, behind)) = rest.split_once(['{', '}']) {
            template.push(plain);
            let brace = &rest[plain.len()..=plain.len()];
            rest = if let Some(behind) = behind.strip_prefix(brace) {
                template.push(brace);
                behind
            } else if brace == "}" {
                return Err(TemplateError::Unopened);
            } else {
                let (name, behind) = behind.split_once('}').ok_or(TemplateError::Unclosed)?;
                template.0.push(Piece::of(name)?);
                behind
            };
        }
        template.push(rest);
        Ok(template)
    }
}

impl Piece {
    fn of(name: &str) -> Result<Self, TemplateError> {
        match name {
            "peer" => Ok(Self::Peer),
            "data" => Ok(Self::Data),
            "count" => Ok(Self::Count),
            _ => Err(TemplateError::Unknown(name.to_owned())),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclosed => f.write_str("a `{` has no `}` behind it")?,
            Self::Unopened => f.write_str("a `}` has no `{` before it")?,
            Self::Unknown(name) => write!(f, "nothing fills `{{{name}}}`")?,
        }
        f.write_str(
            "; there are `{peer}`, `{data}` and `{count}`, and a brace itself is `{{` or `}}`",
        )
    }
}

impl std::error::Error for TemplateError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Template, TemplateError};

    fn template(text: &str) -> Template {
        text.parse().unwrap()
    }

    #[test]
    fn every_place_is_filled_wherever_it_stands() {
        let fill = |text: &str| {
            let filled = template(text).fill("peer", b"\xffdata", 7);
            String::from_utf8_lossy(&filled).into_owned()
        };
        assert_eq!(fill(""), "");
        assert_eq!(fill("{data}"), "\u{fffd}data");
        assert_eq!(fill("{count}{count} of {peer}."), "77 of peer.");
        assert_eq!(fill("{{{count}}}"), "{7}");
        assert_eq!(fill("{{count}}"), "{count}");
        assert_eq!(fill("世{count}界"), "世7界");
    }

    #[test]
    fn what_is_no_template_is_named() {
        use TemplateError::{Unclosed, Unknown, Unopened};
        for (text, error) in [
            ("{", Unclosed),
            ("{data", Unclosed),
            ("{{{", Unclosed),
            ("}", Unopened),
            ("{data}}", Unopened),
            ("{}", Unknown(String::new())),
            ("{Data}", Unknown("Data".to_owned())),
            ("{ data }", Unknown(" data ".to_owned())),
            ("{data!r}", Unknown("data!r".to_owned())),
            ("{da{ta}", Unknown("da{ta".to_owned())),
        ] {
            assert_eq!(text.parse::<Template>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_a_peer_sends_is_never_expanded(peer: String, data: Vec<u8>, count: u64) {
            let filled = template("{peer}|{data}|{count}").fill(&peer, &data, count);
            let expected = [peer.as_bytes(), b"|", &data, b"|", count.to_string().as_bytes()].concat();
            prop_assert_eq!(filled, expected);
        }

        #[test]
        fn with_its_braces_doubled_any_text_is_itself(text: String) {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(template(&doubled).fill("p", b"d", 1), text.as_bytes());
        }

        #[test]
        fn two_templates_in_a_row_are_one(pieces in proptest::collection::vec("[a-z]|\\{\\{|\\}\\}|\\{data\\}|\\{peer\\}", 0..8), cut in 0_usize..8) {
            let cut = cut.min(pieces.len());
            let (first, last) = (pieces[..cut].concat(), pieces[cut..].concat());
            let fill = |text: &str| template(text).fill("{data}", b"{peer}", 0);
            prop_assert_eq!(fill(&pieces.concat()), [fill(&first), fill(&last)].concat());
        }

        #[test]
        fn any_text_is_a_template_or_an_error(text in "[{}a-z ]*|(\\{(data|peer|count)\\}|[{}])*") {
            match text.parse::<Template>() {
                Ok(template) => prop_assert!(template.fill("", b"", 0).len() <= text.len()),
                Err(error) => prop_assert!(error.to_string().starts_with(['a', 'n'])),
            }
        }
    }
}
