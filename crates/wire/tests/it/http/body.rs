//! Bodies: by length, in chunks, cut anywhere, refused where framing could be read in two ways.

use landline_wire::http::{BodyDecoder, BodyFraming, BodyLimits, Fault, Step, chunk_head};
use landline_wire::http::{CHUNK_END, LAST_CHUNK};
use proptest::prelude::*;

/// The data, how much of the input it took, and whether it ended.
fn decode(
    framing: BodyFraming,
    limits: &BodyLimits,
    input: &[u8],
    step: usize,
) -> Result<(Vec<u8>, usize, bool), Fault> {
    let mut decoder = BodyDecoder::new(framing, limits)?;
    let (mut data, mut consumed) = (Vec::new(), 0);
    for mut piece in input.chunks(step) {
        while !decoder.is_done() && !piece.is_empty() {
            let found = decoder.step(piece)?;
            data.extend_from_slice(found.data);
            consumed += found.consumed;
            piece = &piece[found.consumed..];
        }
    }
    Ok((data, consumed, decoder.is_done()))
}

fn chunked(input: &[u8]) -> Result<(Vec<u8>, usize, bool), Fault> {
    decode(
        BodyFraming::Chunked,
        &BodyLimits::default(),
        input,
        usize::MAX,
    )
}

#[track_caller]
fn refusal(input: &str) -> u16 {
    chunked(input.as_bytes()).expect_err(input).status.code()
}

#[test]
fn no_body_is_done_at_once() {
    for framing in [BodyFraming::None, BodyFraming::Length(0)] {
        let mut decoder = BodyDecoder::new(framing, &BodyLimits::default()).unwrap();
        assert!(decoder.is_done());
        assert_eq!(
            decoder.step(b"GET"),
            Ok(Step {
                consumed: 0,
                data: b"",
                done: true
            })
        );
    }
}

#[test]
fn rfc9112_6_2_a_length_takes_that_much_and_no_more() {
    let mut decoder = BodyDecoder::new(BodyFraming::Length(5), &BodyLimits::default()).unwrap();
    assert_eq!(
        decoder.step(b"hel"),
        Ok(Step {
            consumed: 3,
            data: b"hel",
            done: false
        })
    );
    assert_eq!(
        decoder.step(b"loGET"),
        Ok(Step {
            consumed: 2,
            data: b"lo",
            done: true
        })
    );
    assert_eq!(decoder.received_bytes(), 5);
}

#[test]
fn rfc9112_7_1_chunks_become_their_data() {
    assert_eq!(
        chunked(b"5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\nGET"),
        Ok((b"hello0123456789".to_vec(), 30, true))
    );
    assert_eq!(
        chunked(b"00005\r\nhello\r\n000\r\n\r\n"),
        Ok((b"hello".to_vec(), 21, true))
    );
    // Cut: all is taken, and it is not done.
    assert_eq!(
        chunked(b"5\r\nhello\r\n0\r\n"),
        Ok((b"hello".to_vec(), 13, false))
    );
}

#[test]
fn rfc9112_7_1_malformed_chunks_are_refused() {
    for input in [
        "\r\n",
        "x\r\n",
        "+5\r\n",
        "-5\r\n",
        "0x5\r\n",
        " 5\r\n",
        ";a\r\n",
        "5\n",
        "5\r5",
        "5 5\r\n",
        "5\r\nhelloX",
        "5\r\nhello\n",
        "5\r\nhello\rX",
        "5;a\nb",
        "5;\0",
        "5 \r\n",
        "0\r\n\n",
        "0\r\n\rX",
    ] {
        assert_eq!(refusal(input), 400, "{input:?}");
    }
}

#[test]
fn rfc9112_7_1_a_size_that_does_not_fit_is_refused() {
    assert_eq!(refusal("10000000000000000\r\n"), 400);
    assert_eq!(refusal("fffffffffffffffff\r\n"), 400);
    // The biggest that fits is only a promise.
    assert_eq!(
        chunked(b"ffffffffffffffff\r\nabc"),
        Ok((b"abc".to_vec(), 21, false))
    );
    // Twice the biggest does not fit either, whatever a sum says.
    assert_eq!(decode_sum_over_the_limit(), 413);
}

fn decode_sum_over_the_limit() -> u16 {
    let limits = BodyLimits {
        body_bytes: 10,
        ..BodyLimits::default()
    };
    let input = b"5\r\nhello\r\nffffffffffffffff\r\n";
    decode(BodyFraming::Chunked, &limits, input, usize::MAX)
        .unwrap_err()
        .status
        .code()
}

#[test]
fn rfc9112_7_1_1_extensions_are_passed_over_within_a_limit() {
    assert_eq!(
        chunked(b"5;a=b;c=\"d e\"\r\nhello\r\n0 \t;x\r\n\r\n")
            .unwrap()
            .0,
        b"hello"
    );
    let one_byte_chunks = "1;aaaaaaaaaa\r\nx\r\n".repeat(1000);
    assert_eq!(refusal(&one_byte_chunks), 413);
    assert_eq!(refusal(&format!("{}5\r\n", "0".repeat(9000))), 413);
}

#[test]
fn rfc9112_7_1_2_trailers_are_checked_and_dropped() {
    assert_eq!(
        chunked(b"0\r\nETag: \"x\"\r\nX:\r\n\r\nGET"),
        Ok((vec![], 20, true))
    );
    for input in [
        "0\r\nX\r\n",
        "0\r\n: y\r\n",
        "0\r\nX : y\r\n",
        "0\r\nX: y\n",
        "0\r\nX: \0",
        "0\r\nX: y\r\n z\r\n",
    ] {
        assert_eq!(refusal(input), 400, "{input:?}");
    }
    assert_eq!(refusal(&format!("0\r\n{}", "X: y\r\n".repeat(2000))), 431);
}

#[test]
fn the_limit_of_the_data_holds_for_both_framings() {
    let limits = BodyLimits {
        body_bytes: 5,
        ..BodyLimits::default()
    };
    assert_eq!(
        BodyDecoder::new(BodyFraming::Length(6), &limits)
            .unwrap_err()
            .status
            .code(),
        413
    );
    assert!(BodyDecoder::new(BodyFraming::Length(5), &limits).is_ok());
    let decode = |input: &[u8]| decode(BodyFraming::Chunked, &limits, input, usize::MAX);
    assert!(decode(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").unwrap().2);
    assert_eq!(decode(b"3\r\nabc\r\n3\r\n").unwrap_err().status.code(), 413);
}

fn chunked_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "5\r\nhello\r\n",
        "1;a=b\r\nx\r\n",
        "0\r\n",
        "\r\n",
        "X: y\r\n",
        "0",
        "a",
        ";",
        "\r",
        "\n",
        " ",
        "ffff",
        "\0",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_cut_of_the_stream_gives_the_same_body(text in chunked_text(), step in 1_usize..8) {
        let limits = BodyLimits { body_bytes: 12, extension_bytes: 6, trailer_bytes: 12 };
        let input = text.as_bytes();
        prop_assert_eq!(
            decode(BodyFraming::Chunked, &limits, input, usize::MAX),
            decode(BodyFraming::Chunked, &limits, input, step)
        );
    }

    #[test]
    fn rfc9112_7_1_what_we_chunk_comes_back(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6), step in 1_usize..9) {
        let mut stream = Vec::new();
        for piece in &pieces {
            chunk_head(piece.len() as u64, &mut stream);
            stream.extend_from_slice(piece);
            stream.extend_from_slice(CHUNK_END);
        }
        stream.extend_from_slice(LAST_CHUNK);
        let whole = (pieces.concat(), stream.len(), true);
        prop_assert_eq!(decode(BodyFraming::Chunked, &BodyLimits::default(), &stream, step), Ok(whole));
    }
}
