//! Running the programs: one round of a case, and the instructions of one turn.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::case::{Case, Contestant, Instructions, Line};
use super::programs::Programs;
use crate::process::find;

/// No program runs for more than some seconds; one that does has lost its way.
const PATIENCE: Duration = Duration::from_secs(60);

/// The figures of every contestant, in the order of the case.
///
/// # Errors
/// If a program fails, takes too long, or does not print a figure.
pub(crate) fn round(case: &Case, programs: &Programs, round: u32) -> Result<Vec<Vec<f64>>, String> {
    let mut figures = vec![Vec::new(); case.contestants.len()];
    // Forth and back by turns, so that none always comes after the same.
    let order: Vec<usize> = match round % 2 {
        0 => (0..figures.len()).collect(),
        _ => (0..figures.len()).rev().collect(),
    };
    for index in order {
        let contestant = &case.contestants[index];
        figures[index] = measure(case, contestant, programs)
            .map_err(|why| format!("{}, {}: {why}", case.title, contestant.name))?;
    }
    Ok(figures)
}

fn measure(case: &Case, contestant: &Contestant, programs: &Programs) -> Result<Vec<f64>, String> {
    let mut command = programs.command(contestant.program);
    command.arg(case.amount.to_string());
    let server = match contestant.server {
        Some(line) => Some(Server::start(programs, line)?),
        None => None,
    };
    if let Some(server) = &server {
        command.args([server.port.clone(), server.process.0.id().to_string()]);
    }
    let printed = said(&mut command)?;
    case.figures
        .iter()
        .map(|figure| {
            value(&printed, figure.name)
                .ok_or_else(|| format!("`{}` has no {}", printed.trim(), figure.name))
        })
        .collect()
}

/// The instructions, in user space, of one turn by every contestant; none where they are not counted.
/// Counted by valgrind, because a virtual machine mostly has no counters: exact, and the same on any machine.
///
/// # Errors
/// If a program fails.
pub(crate) fn instructions(case: &Case, programs: &Programs) -> Result<Vec<f64>, String> {
    const FEW: u32 = 1_000;
    const MANY: u32 = 11_000;
    if case.instructions == Instructions::NotCounted || find("valgrind").is_none() {
        return Ok(Vec::new());
    }
    let count = |contestant: &Contestant, amount: u32| {
        let program = programs.command(contestant.program);
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args(["--log-fd=1"])
            .arg(program.get_program())
            .args(program.get_args())
            .arg(amount.to_string());
        let printed = said(&mut command)?;
        collected(&printed).ok_or_else(|| format!("valgrind does not say: {printed}"))
    };
    case.contestants
        .iter()
        .map(|contestant| {
            // What is the same for both is the start and the end.
            let turns = f64::from(MANY - FEW);
            Ok((count(contestant, MANY)? - count(contestant, FEW)?) / turns)
        })
        .collect()
}

/// `==1== Collected : 4711`.
fn collected(printed: &str) -> Option<f64> {
    let (_, rest) = printed.split_once("Collected :")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The value of `name=value` among words.
fn value(printed: &str, name: &str) -> Option<f64> {
    printed
        .split_whitespace()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?
        .parse()
        .ok()
}

/// A process that ends when we are done with it.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself; then there is only its status to take.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Ended {
    fn start(command: &mut Command) -> Result<Self, String> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map(Self)
            .map_err(|why| format!("cannot start: {why}"))
    }
}

struct Server {
    process: Ended,
    port: String,
}

impl Server {
    fn start(programs: &Programs, line: Line) -> Result<Self, String> {
        let mut process = Ended::start(&mut programs.command(line))?;
        let stdout = process.0.stdout.take().ok_or("no stdout")?;
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // To the end: a server that nobody listens to would wait, or fail.
            for line in BufReader::new(stdout).split(b'\n').map_while(Result::ok) {
                if let Some(port) = port(&String::from_utf8_lossy(&line)) {
                    // Whoever waits for it may have lost patience.
                    let _ = sender.send(port);
                }
            }
        });
        let port = receiver
            .recv_timeout(PATIENCE)
            .map_err(|_| "the server does not say where it listens".to_owned())?;
        Ok(Self { process, port })
    }
}

/// The port in a ready line, whoever's it is: `listening 4711`, `… listening on tcp://127.0.0.1:4711`.
fn port(line: &str) -> Option<String> {
    let (_, place) = line.split_once("istening ")?;
    let digits = place
        .trim_end()
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()?;
    (!digits.is_empty()).then(|| digits.to_owned())
}

/// All that a program prints on stdout, once it has ended well.
fn said(command: &mut Command) -> Result<String, String> {
    let mut process = Ended::start(command)?;
    let mut stdout = process.0.stdout.take().ok_or("no stdout")?;
    let printed = within(PATIENCE, move || {
        let mut printed = String::new();
        stdout.read_to_string(&mut printed).map(|_| printed)
    })?;
    let status = process
        .0
        .wait()
        .map_err(|why| format!("cannot wait: {why}"))?;
    match status.success() {
        true => Ok(printed),
        false => Err(format!("ended with {status}")),
    }
}

/// What a read returns, if it returns in time. One that does not ends with the process that it reads from.
fn within(
    patience: Duration,
    read: impl FnOnce() -> std::io::Result<String> + Send + 'static,
) -> Result<String, String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(read()));
    receiver
        .recv_timeout(patience)
        .map_err(|_| format!("took more than {patience:?}"))?
        .map_err(|why| format!("cannot read: {why}"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{collected, port, said, value, within};

    #[test]
    fn figures_are_found_by_name() {
        let printed = "rate=186248 cpu=2753.5\n";
        assert_eq!(value(printed, "rate"), Some(186_248.0));
        assert_eq!(value(printed, "cpu"), Some(2753.5));
        assert_eq!(value(printed, "ns"), None);
        assert_eq!(value("rates=1", "rate"), None);
    }

    #[test]
    fn the_port_is_found_in_everybodys_ready_line() {
        for line in [
            "listening 4711",
            "listening on tcp://127.0.0.1:4711",
            "Ncat: Listening on 127.0.0.1:4711",
            "2026/11/21 00:13:30 socat[298] N listening on AF=2 127.0.0.1:4711",
        ] {
            assert_eq!(port(line).as_deref(), Some("4711"), "{line}");
        }
        assert_eq!(port("Ncat: Version 7.93 ( https://nmap.org/ncat )"), None);
        assert_eq!(port("listening on unix:/tmp/s"), None);
    }

    #[test]
    fn valgrinds_count_is_found() {
        let printed = "ns=1.0\n==7== \n==7== Events    : Ir\n==7== Collected : 317596\n";
        assert_eq!(collected(printed), Some(317_596.0));
        assert_eq!(collected("ns=1.0"), None);
    }

    #[test]
    fn a_program_that_fails_or_is_missing_is_an_error() {
        let shell = |script: &str| said(Command::new("sh").args(["-c", script]));
        assert_eq!(shell("echo ns=1").as_deref(), Ok("ns=1\n"));
        assert_eq!(
            shell("echo ns=1; exit 3").unwrap_err(),
            "ended with exit status: 3"
        );
        assert!(
            said(&mut Command::new("no-such-program"))
                .unwrap_err()
                .starts_with("cannot start")
        );
    }

    #[test]
    fn what_takes_too_long_is_given_up() {
        let (forever, _open) = std::io::pipe().unwrap();
        let patience = Duration::from_millis(10);
        let read = move || std::io::read_to_string(forever);
        assert_eq!(within(patience, read).unwrap_err(), "took more than 10ms");
    }
}
