//! Euro cents, exact in every platform's unit: cents at Meta, millionths at Google and X, decimals in Meta's reports.

use std::iter::Sum;

/// Euro cents. Only amounts in euro exist here; an account in another currency is refused at its set-up check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cents(pub i64);

/// The text is no amount of euro.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no amount in euro")]
pub struct MalformedAmount(String);

const MICROS: i64 = 10_000;

impl Cents {
    /// Millionths of a euro. Saturates far beyond any budget.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0.saturating_mul(MICROS)
    }

    /// The cents a cost comes to: a begun cent is a whole one, so that what was spent is never understated.
    #[must_use]
    pub const fn of_cost(micros: i64) -> Self {
        Self(micros.div_euclid(MICROS) + if micros.rem_euclid(MICROS) > 0 { 1 } else { 0 })
    }

    /// Reads a decimal such as `12`, `12.3` or `12.345678` as millionths, exactly.
    pub fn micros_of_decimal(text: &str) -> Result<i64, MalformedAmount> {
        let malformed = || MalformedAmount(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
            return Err(malformed());
        }
        let whole: i64 = whole.parse().map_err(|_| malformed())?;
        let fraction: i64 = format!("{fraction:0<6}").parse().map_err(|_| malformed())?;
        whole.checked_mul(1_000_000).and_then(|micros| micros.checked_add(fraction)).ok_or_else(malformed)
    }

    /// Divides an amount by weights: every cent is given out, the remainders to the largest fractions. Nothing where no
    /// weight is above 0.
    #[must_use]
    pub fn shared(self, weights: &[u64]) -> Vec<Self> {
        let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let (Ok(total), true) = (u128::try_from(self.0), all > 0) else { return vec![Self(0); weights.len()] };
        let mut parts: Vec<(usize, u128, u128)> = weights
            .iter()
            .enumerate()
            .map(|(n, weight)| (n, total * u128::from(*weight) / all, total * u128::from(*weight) % all))
            .collect();
        let given: u128 = parts.iter().map(|(_, part, _)| part).sum();
        let mut left = total - given;
        parts.sort_by_key(|(n, _, rest)| (std::cmp::Reverse(*rest), *n));
        for (_, part, _) in &mut parts {
            if left > 0 {
                *part += 1;
                left -= 1;
            }
        }
        parts.sort_by_key(|(n, ..)| *n);
        parts.into_iter().map(|(_, part, _)| Self(i64::try_from(part).unwrap_or(i64::MAX))).collect()
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.map(|cents| cents.0).sum())
    }
}

impl std::fmt::Display for Cents {
    /// As `12.34`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0.abs() % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_exact_in_every_unit() {
        assert_eq!(Cents(550).micros(), 5_500_000);
        assert_eq!([0, 1, 10_000, 10_001].map(Cents::of_cost), [Cents(0), Cents(1), Cents(1), Cents(2)]);
        let read = |text| Cents::micros_of_decimal(text).ok();
        assert_eq!([read("12"), read("0.1"), read("3.456789")], [Some(12_000_000), Some(100_000), Some(3_456_789)]);
        for wrong in ["", ".5", "-1", "1,5", "1.2345678", "1e3", "99999999999999999999"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_cent_is_lost_or_invented(total in 0_i64..10_000_000, weights in prop::collection::vec(0_u64..1_000_000, 1..20)) {
            let parts = Cents(total).shared(&weights);
            let all: u64 = weights.iter().sum();
            prop_assert_eq!(parts.iter().copied().sum::<Cents>(), Cents(if all > 0 { total } else { 0 }));
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(part.0 >= 0 && (*weight > 0 || part.0 == 0));
            }
        }
    }
}
