//! Runs a scenario by one of our faces, and writes the trace that `runner.py` writes of CPython.

use std::collections::HashMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use landline_socket::Cause;
use landline_socket::server::Model;
use tempfile::TempDir;

use super::face::{self, Face};
use super::language::{Expression, Scenario, Statement, Step};
use super::makefile;
use super::module;
use super::oracle::Oracle;
use super::socket;
use super::strike;
use super::value::{Failure, Outcome, Value};

const LATE: Duration = Duration::from_secs(5);

/// One scenario's names and threads.
pub(super) struct Run {
    pub(super) kind: face::Kind,
    /// What stands for Python's threads.
    pub(super) concurrent: Model,
    pub(super) oracle: Arc<Oracle>,
    names: Mutex<HashMap<String, Value>>,
    actors: Mutex<HashMap<String, Actor>>,
    _folder: TempDir,
}

enum Actor {
    Thread(thread::JoinHandle<String>),
    #[cfg(feature = "tokio")]
    Task(tokio::task::JoinHandle<String>),
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The lines of a scenario's trace: the number of the line, and what it gave.
pub(super) fn run(
    scenario: &Scenario,
    (kind, concurrent): (face::Kind, Model),
    oracle: &Arc<Oracle>,
) -> Vec<(usize, String)> {
    let run = Run::new(kind, concurrent, oracle);
    match kind {
        face::Kind::Blocking => at_once(run.scenario(scenario)),
        #[cfg(feature = "tokio")]
        face::Kind::Async => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(run.scenario(scenario)),
    }
}

/// A blocking face's future never waits for anybody else: it is done when it is asked.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("a blocking call blocks"),
    }
}

impl Run {
    fn new(kind: face::Kind, concurrent: Model, oracle: &Arc<Oracle>) -> Arc<Self> {
        let folder = tempfile::Builder::new().prefix("p").tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let names = HashMap::from([
            ("folder".to_owned(), Value::text(path)),
            (
                "abstract".to_owned(),
                Value::Bytes(format!("\0landline{path}").into_bytes()),
            ),
        ]);
        Arc::new(Self {
            kind,
            concurrent,
            oracle: Arc::clone(oracle),
            names: Mutex::new(names),
            actors: Mutex::default(),
            _folder: folder,
        })
    }

    async fn scenario(self: Arc<Self>, scenario: &Scenario) -> Vec<(usize, String)> {
        let mut trace = Vec::new();
        for line in &scenario.lines {
            trace.push((line.number, self.step(&line.step).await));
        }
        trace
    }

    fn step<'a>(self: &'a Arc<Self>, step: &'a Step) -> Boxed<'a, String> {
        Box::pin(async move {
            match step {
                Step::Plain(statement) => self.show(self.statement(statement).await),
                Step::In(name, step) => {
                    let actor = self.start((**step).clone());
                    self.actors.lock().unwrap().insert(name.clone(), actor);
                    "started".to_owned()
                }
                Step::Join(name) => {
                    let actor = self.actors.lock().unwrap().remove(name).unwrap();
                    match actor {
                        Actor::Thread(thread) => thread.join().unwrap(),
                        #[cfg(feature = "tokio")]
                        Actor::Task(task) => task.await.unwrap(),
                    }
                }
                Step::Interrupted(step) => {
                    let _strikes = strike::this_thread();
                    self.step(step).await
                }
                Step::Timed(seconds, step) => {
                    let (start, limit) = (Instant::now(), Duration::from_secs_f64(*seconds));
                    let outcome = self.step(step).await;
                    let took = start.elapsed();
                    let when = match took {
                        _ if took < limit => "early",
                        _ if took > limit + LATE => "late",
                        _ => "in time",
                    };
                    format!("{outcome}, {when}")
                }
            }
        })
    }

    fn start(self: &Arc<Self>, step: Step) -> Actor {
        let run = Arc::clone(self);
        match self.kind {
            face::Kind::Blocking => Actor::Thread(thread::spawn(move || at_once(run.step(&step)))),
            #[cfg(feature = "tokio")]
            face::Kind::Async => Actor::Task(tokio::spawn(async move { run.step(&step).await })),
        }
    }

    /// As `runner.py` shows it.
    fn show(&self, outcome: Outcome) -> String {
        match outcome {
            Ok(value) => value.show(),
            Err(Failure::Refused) => "refused".to_owned(),
            #[cfg(feature = "tokio")]
            Err(Failure::TimedOut) => "timed out".to_owned(),
            Err(Failure::Errno(errno)) => self.oracle.errno(errno),
            Err(Failure::Gone) => "gone".to_owned(),
            Err(Failure::Undefined) => "undefined".to_owned(),
            Err(Failure::OutOfRange) => "IndexError".to_owned(),
            Err(Failure::Ours(error)) => match (error.errno(), error.cause()) {
                (Some(errno), _) => self.oracle.errno(errno),
                (_, Cause::TimedOut) => "timed out".to_owned(),
                (_, Cause::Invalid(_)) => "refused".to_owned(),
                (_, Cause::Resolver(resolver)) => format!("gaierror {resolver:?}"),
                _ => format!("{error:?}"),
            },
        }
    }

    async fn statement(self: &Arc<Self>, statement: &Statement) -> Outcome {
        let value = self.value(&statement.value).await?;
        let targets = &statement.targets;
        let mut names = self.names.lock().unwrap();
        match (targets.len(), value) {
            (0, value) => return Ok(value),
            (1, value) => drop(names.insert(targets[0].clone(), value)),
            (many, Value::Tuple(items)) if items.len() == many => {
                names.extend(targets.iter().cloned().zip(items));
            }
            _ => return Err(Failure::Refused),
        }
        Ok(Value::Function("ok".to_owned()))
    }

    fn name(&self, name: &str) -> Outcome {
        match self.names.lock().unwrap().get(name) {
            Some(Value::Gone) => Err(Failure::Gone),
            Some(value) => Ok(value.clone()),
            None => match self.oracle.constant(name) {
                Some(number) => Ok(Value::Int(number)),
                None if module::knows(name) => Ok(Value::Function(name.to_owned())),
                None => Err(Failure::Undefined),
            },
        }
    }

    /// Takes a socket out of its name, for a call that consumes it.
    pub(super) fn take(&self, name: &str) -> Outcome {
        let mut names = self.names.lock().unwrap();
        match names.insert(name.to_owned(), Value::Gone) {
            Some(Value::Gone) => Err(Failure::Gone),
            Some(value) => Ok(value),
            None => Err(Failure::Undefined),
        }
    }

    fn value<'a>(self: &'a Arc<Self>, expression: &'a Expression) -> Boxed<'a, Outcome> {
        Box::pin(async move {
            Ok(match expression {
                Expression::None => Value::None,
                Expression::Bool(flag) => Value::Bool(*flag),
                Expression::Int(number) => Value::Int(*number),
                Expression::Float(number) => Value::Float(*number),
                Expression::Text(text) => Value::text(text.as_str()),
                Expression::Bytes(bytes) => Value::Bytes(bytes.clone()),
                Expression::Name(name) => self.name(name)?,
                Expression::Tuple(items) => Value::Tuple(self.values(items).await?),
                Expression::List(items) => Value::List(self.values(items).await?),
                Expression::Attribute(of, name) => module::attribute(&self.value(of).await?, name)?,
                Expression::Call(callee, positional, named) => {
                    return self.call(callee, positional, named).await;
                }
                Expression::Index(of, index) => {
                    let of = self.value(of).await?;
                    return indexed(of, &self.value(index).await?);
                }
                Expression::Slice(of, from, to) => {
                    let of = self.value(of).await?;
                    let (from, to) = (self.value(from).await?, self.value(to).await?);
                    return sliced(of, &from, &to);
                }
                Expression::Binary(operator, left, right) => {
                    let left = self.value(left).await?;
                    binary(operator, left, self.value(right).await?)
                }
            })
        })
    }

    async fn values(self: &Arc<Self>, items: &[Expression]) -> Result<Vec<Value>, Failure> {
        let mut values = Vec::new();
        for item in items {
            values.push(self.value(item).await?);
        }
        Ok(values)
    }

    async fn call(
        self: &Arc<Self>,
        callee: &Expression,
        positional: &[Expression],
        named: &[(String, Expression)],
    ) -> Outcome {
        // As in Python, the callee is looked up before its arguments.
        let (of, method) = match callee {
            Expression::Attribute(of, method) => (self.value(of).await?, method.as_str()),
            callee => (self.value(callee).await?, "call"),
        };
        let mut arguments = Arguments {
            positional: self.values(positional).await?,
            named: HashMap::new(),
        };
        for (name, expression) in named {
            let value = self.value(expression).await?;
            arguments.named.insert(name.clone(), value);
        }
        match (&of, callee) {
            (Value::Function(name), _) => module::call(self, name, &arguments).await,
            (Value::Socket(_) | Value::Made(_), Expression::Attribute(name, _))
                if ["close", "detach"].contains(&method) =>
            {
                let Expression::Name(name) = &**name else {
                    panic!("only a name can be closed");
                };
                drop(of);
                match self.take(name)? {
                    Value::Made(made) => makefile::close(made),
                    socket => socket::consume(socket, method),
                }
            }
            (Value::Socket(socket), _) => socket::call(self, socket, method, &arguments).await,
            _ => module::method(&of, method, &arguments),
        }
    }

    pub(super) fn socket(&self, socket: landline_socket::Socket) -> Outcome {
        Ok(Value::Socket(Arc::new(Face::wrap(socket, self.kind)?)))
    }
}

/// What a call was given.
pub(super) struct Arguments {
    pub(super) positional: Vec<Value>,
    named: HashMap<String, Value>,
}

impl Arguments {
    /// By its place or its name; `None` where it was not given.
    pub(super) fn get(&self, place: usize, name: &str) -> Option<&Value> {
        self.positional.get(place).or_else(|| self.named.get(name))
    }

    pub(super) fn must(&self, place: usize) -> Result<&Value, Failure> {
        self.positional.get(place).ok_or(Failure::Refused)
    }
}

fn indexed(of: Value, index: &Value) -> Outcome {
    let (Value::Tuple(items) | Value::List(items), Value::Int(index)) = (of, index) else {
        return Err(Failure::Refused);
    };
    let item = usize::try_from(*index)
        .ok()
        .and_then(|at| items.get(at).cloned());
    item.ok_or(Failure::OutOfRange)
}

fn sliced(of: Value, from: &Value, to: &Value) -> Outcome {
    let (Value::Bytes(bytes), Value::Int(from), Value::Int(to)) = (of, from, to) else {
        return Err(Failure::Refused);
    };
    let at = |index: i64| usize::try_from(index).unwrap().min(bytes.len());
    Ok(Value::Bytes(bytes[at(*from)..at(*to)].to_vec()))
}

fn binary(operator: &str, left: Value, right: Value) -> Value {
    let number = |value: Value| match value.number() {
        Some(number) => Value::Int(number),
        None => value,
    };
    match (operator, number(left), number(right)) {
        ("==", left, right) => Value::Bool(left.is(&right)),
        ("!=", left, right) => Value::Bool(!left.is(&right)),
        ("<", Value::Int(left), Value::Int(right)) => Value::Bool(left < right),
        (">", Value::Int(left), Value::Int(right)) => Value::Bool(left > right),
        ("|", Value::Int(left), Value::Int(right)) => Value::Int(left | right),
        ("&", Value::Int(left), Value::Int(right)) => Value::Int(left & right),
        ("+", Value::Int(left), Value::Int(right)) => Value::Int(left + right),
        ("-", Value::Int(left), Value::Int(right)) => Value::Int(left - right),
        ("-", Value::Int(left), Value::Float(right)) => Value::Float(left as f64 - right),
        ("+", Value::Bytes(left), Value::Bytes(right)) => Value::Bytes([left, right].concat()),
        ("+", Value::Text(left), Value::Text(right)) => Value::Text(left + &right),
        ("*", Value::Bytes(left), Value::Int(times)) => {
            Value::Bytes(left.repeat(times.try_into().unwrap_or(0)))
        }
        ("*", Value::Text(left), Value::Int(times)) => {
            Value::Text(left.repeat(times.try_into().unwrap_or(0)))
        }
        (operator, ..) => panic!("{operator} of these is not known: teach it"),
    }
}
