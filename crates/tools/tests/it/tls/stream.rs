//! The stream after the handshake: every byte, each direction to its own end, and a cut told from an end.

use std::io::{self, ErrorKind};

use landline_socket::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, split};

use super::friends;
use crate::peer::soon;

/// More than all buffers on the way hold, and no multiple of a record.
const MUCH: usize = 3_000_001;

fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn both_ways_at_once_and_each_to_its_own_end() {
    let (client, server) = friends().await;
    let ends = [client, server].map(|stream| async move {
        let (mut read, mut write) = split(stream);
        let send = async {
            write.write_all(&bytes(MUCH)).await?;
            write.flush().await
        };
        let receive = async {
            let mut came = vec![0; MUCH];
            read.read_exact(&mut came).await?;
            Ok(came)
        };
        let (came, ()) = tokio::try_join!(receive, send)?;
        assert!(came == bytes(MUCH), "what came is what was sent");
        write.shutdown().await?;
        assert_eq!(read.read(&mut [0]).await?, 0);
        assert_eq!(read.read(&mut [0]).await?, 0, "an end stays an end");
        Ok::<_, io::Error>(())
    });
    let [one, other] = ends;
    let (one, other) = soon(async { tokio::join!(one, other) }).await;
    one.unwrap();
    other.unwrap();
}

#[tokio::test]
async fn who_has_ended_his_side_still_gets_every_byte() {
    for client_first in [true, false] {
        let (client, server) = friends().await;
        let (mut first, mut second) = if client_first {
            (client, server)
        } else {
            (server, client)
        };
        first.write_all(b"that was all").await.unwrap();
        first.shutdown().await.unwrap();
        let mut heard = Vec::new();
        soon(second.read_to_end(&mut heard)).await.unwrap();
        assert_eq!(heard, b"that was all");

        let mut rest = Vec::new();
        let answer = async {
            second.write_all(&bytes(MUCH)).await?;
            second.shutdown().await
        };
        let (answered, read) =
            soon(async { tokio::join!(answer, first.read_to_end(&mut rest)) }).await;
        answered.unwrap();
        read.unwrap();
        assert!(rest == bytes(MUCH));
    }
}

#[tokio::test]
async fn a_cut_is_no_end_and_what_came_before_it_arrives() {
    for client_cuts in [true, false] {
        let (client, server) = friends().await;
        let (mut cuts, mut hears) = if client_cuts {
            (client, server)
        } else {
            (server, client)
        };
        cuts.write_all(b"the first half").await.unwrap();
        cuts.flush().await.unwrap();
        // An end of the socket's stream, as anybody on the way can fake it, without TLS's alert.
        cuts.socket().shutdown(Shutdown::Write).unwrap();
        let mut heard = Vec::new();
        let error = soon(hears.read_to_end(&mut heard)).await.unwrap_err();
        assert_eq!(heard, b"the first half");
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        assert!(error.to_string().contains("closing alert"), "{error}");
        let again = hears.read(&mut [0]).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::UnexpectedEof, "a cut stays a cut");
        // The other direction is whole.
        hears.write_all(b"still here").await.unwrap();
        hears.shutdown().await.unwrap();
        let mut answer = String::new();
        soon(cuts.read_to_string(&mut answer)).await.unwrap();
        assert_eq!(answer, "still here");
    }
}

#[tokio::test]
async fn one_byte_at_a_time_is_the_same_stream() {
    let (mut client, mut server) = friends().await;
    let sent = bytes(500);
    let send = async {
        for byte in &sent {
            client.write_all(&[*byte]).await?;
            client.flush().await?;
        }
        client.shutdown().await
    };
    let mut came = Vec::new();
    let receive = async {
        let mut byte = [0];
        while server.read(&mut byte).await? == 1 {
            came.push(byte[0]);
        }
        Ok(())
    };
    soon(async { tokio::try_join!(send, receive) })
        .await
        .unwrap();
    assert_eq!(came, sent);
}
