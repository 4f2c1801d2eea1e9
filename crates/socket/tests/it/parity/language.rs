//! The scenarios' language: the little of Python that they are written in, and the directives before a line.

use std::path::Path;

/// A script of calls, run by itself.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) name: String,
    /// Changes what the whole process shares, so it runs when the others are done.
    pub(super) alone: bool,
    /// What it is about is not a part of the async face, and the scenario says why.
    pub(super) is_blocking: bool,
    pub(super) lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Where it stands in its file, counted from 1.
    pub(super) number: usize,
    pub(super) text: String,
    pub(super) step: Step,
    pub(super) difference: Option<Difference>,
}

/// `# differs: python X | landline Y because …`: what each side is known to give, and why they differ.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) python: String,
    pub(super) landline: String,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Plain(Statement),
    /// `in NAME: …` goes on while the next lines run.
    In(String, Box<Step>),
    /// `join NAME` is what that gave.
    Join(String),
    /// `interrupted: …` runs under a rain of signals.
    Interrupted(Box<Step>),
    /// `timed SECONDS: …` says whether it took that long.
    Timed(f64, Box<Step>),
}

#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// The names that it assigns: none is an expression, whose value is the outcome.
    pub(super) targets: Vec<String>,
    pub(super) value: Expression,
}

#[derive(Clone, Debug)]
pub(super) enum Expression {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Name(String),
    Tuple(Vec<Self>),
    List(Vec<Self>),
    Attribute(Box<Self>, String),
    Call(Box<Self>, Vec<Self>, Vec<(String, Self)>),
    Index(Box<Self>, Box<Self>),
    Slice(Box<Self>, Box<Self>, Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
}

/// The scenarios of a file.
pub(super) fn read(path: &Path) -> Vec<Scenario> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut scenarios: Vec<Scenario> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(name) = line.strip_prefix("## ") {
            scenarios.push(Scenario {
                name: name.to_owned(),
                alone: false,
                is_blocking: false,
                lines: Vec::new(),
            });
        } else if line == "# alone" {
            scenarios.last_mut().unwrap().alone = true;
        } else if line.starts_with("# blocking: ") {
            scenarios.last_mut().unwrap().is_blocking = true;
        } else if !line.is_empty() && !line.starts_with('#') {
            let scenario = scenarios.last_mut().unwrap();
            scenario.lines.push(Line::parse(at + 1, line));
        }
    }
    scenarios
}

impl Line {
    fn parse(number: usize, line: &str) -> Self {
        let (text, comment) = match line.split_once(" # ") {
            Some((text, comment)) => (text.trim_end(), Some(comment)),
            None => (line, None),
        };
        let context = format!("line {number}: {line}");
        Self {
            number,
            text: text.to_owned(),
            step: Step::parse(text, &context),
            difference: comment.map(|comment| Difference::parse(comment, &context)),
        }
    }
}

impl Difference {
    fn parse(comment: &str, context: &str) -> Self {
        let both = comment
            .strip_prefix("differs: python ")
            .and_then(|rest| rest.split_once(" | landline "))
            .and_then(|(python, rest)| Some((python, rest.split_once(" because ")?)));
        let Some((python, (landline, _))) = both else {
            panic!("not `differs: python X | landline Y because …`: {context}");
        };
        Self {
            python: python.trim().to_owned(),
            landline: landline.trim().to_owned(),
        }
    }
}

impl Step {
    fn parse(text: &str, context: &str) -> Self {
        let (head, rest) = text.split_once(' ').unwrap_or((text, ""));
        let named = || {
            let (name, rest) = rest.split_once(": ").expect(context);
            (name, Box::new(Self::parse(rest, context)))
        };
        match head {
            "in" => {
                let (name, step) = named();
                Self::In(name.to_owned(), step)
            }
            "join" => Self::Join(rest.to_owned()),
            "interrupted:" => Self::Interrupted(Box::new(Self::parse(rest, context))),
            "timed" => {
                let (seconds, step) = named();
                Self::Timed(seconds.parse().expect(context), step)
            }
            _ => Self::Plain(Statement::parse(text, context)),
        }
    }
}

impl Statement {
    fn parse(text: &str, context: &str) -> Self {
        let targets = text.split_once(" = ").map(|(targets, value)| {
            let names = targets.split(',').map(|name| name.trim().to_owned());
            (names.collect::<Vec<_>>(), value)
        });
        let is_name = |name: &String| name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let (targets, value) = match targets {
            Some((names, value)) if names.iter().all(is_name) => (names, value),
            _ => (Vec::new(), text),
        };
        let mut parser = Parser {
            rest: value,
            context,
        };
        let value = parser.expression(0);
        parser.blanks();
        assert_eq!(parser.rest, "", "{context}");
        Self { targets, value }
    }
}

/// From the loosest to the tightest.
const OPERATORS: &[&[&str]] = &[&["==", "!=", "<", ">"], &["|"], &["&"], &["+", "-"], &["*"]];

struct Parser<'a> {
    rest: &'a str,
    context: &'a str,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.blanks();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn must(&mut self, sign: &str) {
        assert!(
            self.takes(sign),
            "no {sign} at `{}`: {}",
            self.rest,
            self.context
        );
    }

    fn expression(&mut self, level: usize) -> Expression {
        let Some(operators) = OPERATORS.get(level) else {
            return self.unary();
        };
        let mut left = self.expression(level + 1);
        while let Some(operator) = operators.iter().find(|operator| self.takes(operator)) {
            let right = self.expression(level + 1);
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        left
    }

    fn unary(&mut self) -> Expression {
        if self.takes("-") {
            let zero = Box::new(Expression::Int(0));
            return Expression::Binary("-", zero, Box::new(self.unary()));
        }
        let mut value = self.atom();
        loop {
            if self.takes(".") {
                value = Expression::Attribute(Box::new(value), self.name());
            } else if self.takes("(") {
                value = self.call(value);
            } else if self.takes("[") {
                value = self.index(value);
            } else {
                return value;
            }
        }
    }

    fn call(&mut self, callee: Expression) -> Expression {
        let (mut positional, mut named) = (Vec::new(), Vec::new());
        while !self.takes(")") {
            let before = self.rest;
            let name = self.word();
            let is_keyword =
                !name.is_empty() && self.rest.starts_with('=') && { !self.rest.starts_with("==") };
            if is_keyword {
                self.must("=");
                named.push((name, self.expression(0)));
            } else {
                self.rest = before;
                positional.push(self.expression(0));
            }
            if !self.takes(",") {
                self.must(")");
                break;
            }
        }
        Expression::Call(Box::new(callee), positional, named)
    }

    fn index(&mut self, value: Expression) -> Expression {
        let first = Box::new(self.expression(0));
        let value = Box::new(value);
        let index = if self.takes(":") {
            Expression::Slice(value, first, Box::new(self.expression(0)))
        } else {
            Expression::Index(value, first)
        };
        self.must("]");
        index
    }

    /// Letters, digits and `_`; none is no word.
    fn word(&mut self) -> String {
        self.blanks();
        let end = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn name(&mut self) -> String {
        let name = self.word();
        assert!(
            !name.is_empty(),
            "no name at `{}`: {}",
            self.rest,
            self.context
        );
        name
    }

    fn list(&mut self, end: &str) -> (Vec<Expression>, bool) {
        let (mut items, mut comma) = (Vec::new(), false);
        while !self.takes(end) {
            items.push(self.expression(0));
            if !self.takes(",") {
                self.must(end);
                break;
            }
            comma = true;
        }
        (items, comma)
    }

    fn atom(&mut self) -> Expression {
        if self.takes("(") {
            let (mut items, comma) = self.list(")");
            return match items.len() {
                1 if !comma => items.remove(0),
                _ => Expression::Tuple(items),
            };
        }
        if self.takes("[") {
            return Expression::List(self.list("]").0);
        }
        if self.takes("b\"") {
            return Expression::Bytes(self.quoted(true));
        }
        if self.takes("\"") {
            return Expression::Text(String::from_utf8(self.quoted(false)).unwrap());
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return self.number();
        }
        match self.name().as_str() {
            "None" => Expression::None,
            "True" => Expression::Bool(true),
            "False" => Expression::Bool(false),
            name => Expression::Name(name.to_owned()),
        }
    }

    fn number(&mut self) -> Expression {
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        match number.parse() {
            Ok(number) => Expression::Int(number),
            Err(_) => Expression::Float(number.parse().expect(self.context)),
        }
    }

    /// What is within quotes, which need not be closed by an escaped one: `\x00`, `\u4e2d`, `\0`, `\n`, `\r`.
    fn quoted(&mut self, bytes: bool) -> Vec<u8> {
        let mut taken = Vec::new();
        loop {
            let mut chars = self.rest.chars();
            let next = chars.next().expect(self.context);
            self.rest = chars.as_str();
            let code = match next {
                '"' => return taken,
                '\\' => self.escape(),
                plain => u32::from(plain),
            };
            match u8::try_from(code) {
                Ok(byte) if bytes => taken.push(byte),
                _ => {
                    let character = char::from_u32(code).expect(self.context);
                    taken.extend(character.to_string().bytes());
                }
            }
        }
    }

    fn escape(&mut self) -> u32 {
        let (kind, rest) = self.rest.split_at(1);
        self.rest = rest;
        let digits = match kind {
            "x" => 2,
            "u" => 4,
            "0" => return 0,
            "n" => return 10,
            "r" => return 13,
            _ => panic!("an escape that is not known: {}", self.context),
        };
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        u32::from_str_radix(number, 16).expect(self.context)
    }
}
