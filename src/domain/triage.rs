//! In which order answers are read. A rush, however large, moves nothing down that is urgent or says something new: copies
//! stand behind what they repeat, and what a sender did to be believed a person only ever weighs, never refuses. What a
//! kind of answer begins with is data: `rules::Arrival`.

use super::codes::codes;

codes! {
    /// What a sender did, beyond writing, to be taken for one person.
    Proof {
        /// Nothing was asked: there was no rush.
        NotAsked = "not_asked",
        /// Their browser worked for it.
        Work = "work",
        /// They had the form open as long as writing takes; for browsers that run no scripts.
        Time = "time",
        /// Neither. It is read all the same, later.
        None = "none",
    }
}

codes! {
    /// What the reader should know before opening.
    Sign {
        /// Others tell of the same place and hour in words of their own.
        Corroborated = "corroborated",
        /// It tells a fact that was never published.
        WithheldFact = "withheld_fact",
        /// Nobody gets so far in that time from where the person was last seen for sure.
        Implausible = "implausible",
        /// All its pictures were sent by others before.
        SamePicture = "same_picture",
    }
}

impl Sign {
    /// The stored form: codes with blanks between.
    #[must_use]
    pub fn write(signs: &[Self]) -> String {
        signs.iter().map(|sign| sign.code()).collect::<Vec<_>>().join(" ")
    }

    /// Reads the stored form; what it does not know is left out.
    #[must_use]
    pub fn read(text: &str) -> Vec<Self> {
        text.split(' ').filter_map(Self::parse).collect()
    }
}

/// Where a response stands among those alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// First of its family.
    First,
    /// It says more than its family; the how manieth that does, and whether what it adds is certain to be new.
    Variant {
        /// From 1.
        rank: u32,
        /// A figure, place, colour or day, not a name spelt otherwise.
        firm: bool,
    },
    /// It says what another one said.
    Copy,
}

/// What is known of a response at intake.
#[derive(Clone, Copy, Debug)]
pub struct Weighed<'a> {
    /// What the rules give its kind.
    pub base: i32,
    /// What its sender did.
    pub proof: Proof,
    /// Among those alike.
    pub standing: Standing,
    /// How many others tell of the same place and hour.
    pub corroborating: u32,
    /// What else is known.
    pub signs: &'a [Sign],
}

/// Its weight in the queue; higher is read first among equals in urgency.
#[must_use]
pub fn weight(response: &Weighed<'_>) -> i32 {
    let small = |n: u32, most: u32| i32::try_from(n.min(most)).unwrap_or(0);
    let standing = match response.standing {
        // Whoever writes a first message of its own in the middle of a rush is worth a look before the rush's echoes.
        Standing::First => 0,
        // The first twenty additions to a story are news; the thousandth is noise of copying.
        Standing::Variant { rank, firm: true } => -small(rank / 20, 30),
        Standing::Variant { rank, firm: false } => -10 - small(rank / 2, 50),
        Standing::Copy => -60,
    };
    let proof = if response.proof == Proof::None { -10 } else { 0 };
    let sign = |sign: Sign, worth: i32| if response.signs.contains(&sign) { worth } else { 0 };
    response.base
        + standing
        + proof
        + 10 * small(response.corroborating, 5)
        + sign(Sign::WithheldFact, 100)
        + sign(Sign::Implausible, -15)
        + sign(Sign::SamePicture, -5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tip(proof: Proof, standing: Standing, signs: &[Sign]) -> i32 {
        weight(&Weighed { base: 10, proof, standing, corroborating: 0, signs })
    }

    #[test]
    fn who_knows_what_was_never_told_goes_before_everybody_even_unproven_and_late() {
        let late = Standing::Variant { rank: 9_000, firm: true };
        let knows = tip(Proof::None, late, &[Sign::WithheldFact]);
        assert!(knows > tip(Proof::Work, Standing::First, &[]));
        assert!(tip(Proof::None, Standing::First, &[]) > tip(Proof::Work, Standing::Copy, &[]));
    }

    #[test]
    fn echoes_sink_and_new_facts_do_not() {
        let variant = |rank, firm| tip(Proof::NotAsked, Standing::Variant { rank, firm }, &[]);
        assert!(variant(5, true) > variant(5, false));
        assert!(variant(5, false) > variant(500, false));
        assert_eq!(variant(19, true), tip(Proof::NotAsked, Standing::First, &[]));
    }

    #[test]
    fn signs_survive_their_stored_form() {
        assert_eq!(Sign::read(&Sign::write(Sign::ALL)), Sign::ALL);
        assert_eq!(Sign::read("other corroborated"), [Sign::Corroborated]);
    }
}
