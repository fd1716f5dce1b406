//! Canonical JSON (RFC 8785) for what people sign: keys sorted, no blanks, strings and numbers as ECMAScript writes
//! them. Integers keep every digit, also beyond 2^53, so that two of them never share a digest; what is signed holds
//! no fractions, what is only recorded (a filed geometry) may.

use serde_json::{Number, Value};
use sha2::{Digest, Sha256};

/// Writes the canonical form. Keys are sorted by UTF-16 code units, as the RFC says.
#[must_use]
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    append(value, &mut out);
    out
}

fn append(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                append(item, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            out.push('{');
            for (i, (key, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                // serde_json escapes exactly what RFC 8785 §3.2.2.2 asks for, in the same form.
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                append(item, out);
            }
            out.push('}');
        }
        Value::Number(number) => out.push_str(&number_text(number)),
        other => out.push_str(&other.to_string()),
    }
}

/// A number as ECMAScript prints it (RFC 8785 §3.2.2.3).
fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(fraction) if number.is_f64() => fraction_text(fraction),
        _ => number.to_string(),
    }
}

/// The shortest digits that read back as the same number. Where two of that length are equally near, Rust takes the
/// greater and ECMAScript the even one; rounding to that many digits is even, so it decides whenever it reads back.
fn shortest(positive: f64) -> String {
    let shortest = format!("{positive:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    let even = format!("{positive:.*e}", digits.saturating_sub(1));
    if even.parse() == Ok(positive) { even } else { shortest }
}

fn fraction_text(fraction: f64) -> String {
    if fraction == 0.0 {
        return "0".to_owned();
    }
    let scientific = shortest(fraction.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let split = |at: i32| digits.split_at(usize::try_from(at).unwrap_or(0).min(digits.len()));
    let sign = if fraction < 0.0 { "-" } else { "" };
    // The bounds 21 and -6 are those of ECMAScript's Number::toString.
    let text = if (count..=21).contains(&point) {
        format!("{digits}{}", zeros(point - count))
    } else if (1..=21).contains(&point) {
        let (whole, part) = split(point);
        format!("{whole}.{part}")
    } else if (-5..=0).contains(&point) {
        format!("0.{}{digits}", zeros(-point))
    } else {
        let (first, rest) = split(1);
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{first}{dot}{rest}e{:+}", point - 1)
    };
    format!("{sign}{text}")
}

/// SHA-256 of the canonical form, 64 hexadecimal digits.
#[must_use]
pub fn digest(value: &Value) -> String {
    hex(&Sha256::digest(write(value).as_bytes()))
}

/// Reads what [`hex`] wrote.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().map_or('0', char::from);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_as_utf_16_and_text_is_escaped_as_the_rfc_shows() {
        let value = json!({"\u{20ac}": "Euro Sign", "\r": "Carriage Return", "1": "One", "\u{1f600}": "Smiley",
            "\u{80}": "Control", "\u{fb33}": "Hebrew", "z": [true, null, -7, "\u{f}\"\\/\u{7f}"]});
        assert_eq!(
            write(&value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"z\":[true,null,-7,\"\\u000f\\\"\\\\/\u{7f}\"],\"\u{80}\":\"Control\",\
             \"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Smiley\",\"\u{fb33}\":\"Hebrew\"}"
        );
    }

    #[test]
    fn fractions_are_written_as_in_appendix_b_of_the_rfc() {
        for (bits, text) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            assert_eq!(fraction_text(f64::from_bits(bits)), text);
        }
        assert_eq!(
            write(&json!([1.0, 4.5, 2e-3, 1e30, u64::MAX, i64::MIN])),
            "[1,4.5,0.002,1e+30,18446744073709551615,-9223372036854775808]"
        );
    }

    proptest::proptest! {
        #[test]
        fn every_fraction_reads_back_as_itself(bits: u64) {
            let fraction = f64::from_bits(bits);
            if fraction.is_finite() {
                let again: Result<f64, _> = fraction_text(fraction).parse();
                proptest::prop_assert_eq!(again, Ok(fraction));
            }
        }
    }
}
