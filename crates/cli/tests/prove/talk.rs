//! `connect` and `listen` as a pipe between two machines: much goes through, and nothing grows.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::GIB;

const BLOCK_BYTES: usize = 1 << 20;

/// No two blocks alike, so that one that is lost, cut or out of its place is seen.
fn block(number: u64) -> Vec<u8> {
    let mut block: Vec<u8> = (0..BLOCK_BYTES).map(|at| (at / 3) as u8).collect();
    block[..8].copy_from_slice(&number.to_be_bytes());
    block
}

fn landline(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_landline"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn peak_mib(process: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.unwrap().split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() / 1024
}

#[test]
fn ten_gibibytes_pass_through_pipes_in_constant_memory() {
    let folder = tempfile::tempdir().unwrap();
    let unix = format!("unix:{}/s", folder.path().display());
    for target in ["127.0.0.1:0", &unix] {
        let mut server = landline(&["listen", target]);
        let mut ready = String::new();
        let mut said = BufReader::new(server.stderr.take().unwrap());
        said.read_line(&mut ready).unwrap();
        let address = ready.trim().trim_start_matches("listening on ");
        let mut client = landline(&["connect", address, "--quiet"]);

        let blocks = 10 * GIB / BLOCK_BYTES as u64;
        let began = Instant::now();
        let mut source = client.stdin.take().unwrap();
        let writer = std::thread::spawn(move || {
            let mut next = block(0);
            for number in 0..blocks {
                next[..8].copy_from_slice(&number.to_be_bytes());
                source.write_all(&next).unwrap();
            }
            source
        });
        let mut sink = server.stdout.take().unwrap();
        let (mut expected, mut got) = (block(0), vec![0; BLOCK_BYTES]);
        for number in 0..blocks {
            expected[..8].copy_from_slice(&number.to_be_bytes());
            sink.read_exact(&mut got).unwrap();
            assert!(got == expected, "block {number}");
        }
        let took = began.elapsed().as_secs_f64();
        // All of it is through, and both still run.
        let peaks = [peak_mib(&client), peak_mib(&server)];
        drop((writer.join().unwrap(), server.stdin.take()));
        assert_eq!(sink.read(&mut got).unwrap(), 0);
        assert!(client.wait().unwrap().success() && server.wait().unwrap().success());

        let over = if target == unix { "Unix" } else { "TCP" };
        println!(
            "prove: talk: 10 GiB through a pipe over {over} in {took:.1} s; peak memory {} MiB sending, {} MiB receiving",
            peaks[0], peaks[1]
        );
        assert!(peaks.iter().all(|peak| *peak < 24), "{peaks:?} MiB");
    }
}
