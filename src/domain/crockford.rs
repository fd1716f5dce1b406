//! Crockford's base 32, lower case: no letter that a person mistakes for a digit.

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Whether a byte is one of the 32 digits.
#[must_use]
pub fn is_digit(byte: u8) -> bool {
    DIGITS.contains(&byte)
}

/// Encodes big-endian; the first digit carries the bits left over.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let digits = (bytes.len() * 8).div_ceil(5);
    let mut text = String::with_capacity(digits);
    let padding = digits * 5 - bytes.len() * 8;
    let (mut held, mut bits) = (0_u32, padding);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let digit = usize::try_from((held >> bits) & 31).unwrap_or(0);
            text.push(DIGITS.get(digit).copied().map_or('0', char::from));
        }
        held &= (1 << bits) - 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bytes_are_twenty_six_digits_in_order() {
        assert_eq!(encode(&[0; 16]), "0".repeat(26));
        assert_eq!(encode(&[255; 16]), format!("7{}", "z".repeat(25)));
        assert_eq!(encode(&[0, 0, 0, 1]), "0000001");
    }
}
