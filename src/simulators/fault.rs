//! What a simulator can be told to do wrong, and when.

use serde::Deserialize;

use super::call::Call;

/// One way to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// No fault: lets so many requests pass before the next in the plan.
    None,
    /// A wrong request, whatever it says.
    Refuse,
    /// Too many requests; come back after a minute.
    TooMany,
    /// 503 without having done anything.
    Outage,
    /// It is done, and answered with 500.
    ErrorAfter,
    /// The connection is cut; nothing was done.
    ResetBefore,
    /// It is done, and the connection is cut.
    ResetAfter,
    /// It is done and answered after so long.
    Slow {
        /// Milliseconds.
        millis: u64,
    },
    /// It is done, the connection is cut, and what was made cannot be found by name for so long.
    LostAndLate {
        /// Seconds of the simulator's clock.
        seconds: i64,
    },
    /// What is made cannot be found by name for so long.
    LateVisibility {
        /// Seconds of the simulator's clock.
        seconds: i64,
    },
    /// It is done, and the answer is cut in the middle.
    WrongJson,
    /// 200 with an error inside; nothing was done.
    ErrorInside200,
    /// What is made, or was made, is rejected in review.
    ReviewRejected,
    /// The token is no longer good, until another is set.
    TokenExpired,
    /// The account is suspended from now on.
    AccountSuspended,
    /// The budget is below the least one.
    BudgetTooLow,
}

impl Fault {
    /// Those after which the same request may be made again, for plans by chance.
    const PASSING: [Self; 8] = [
        Self::TooMany,
        Self::Outage,
        Self::ErrorAfter,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::LateVisibility { seconds: 20 },
        Self::LostAndLate { seconds: 20 },
        Self::WrongJson,
    ];
}

const fn once() -> u32 {
    1
}

/// A fault and the requests it befalls.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// What happens.
    pub fault: Fault,
    /// Only to this method; any, when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Only where the path contains this.
    #[serde(default)]
    pub path: Option<String>,
    /// Not to the first so many of those.
    #[serde(default)]
    pub skip: u32,
    /// To so many.
    #[serde(default = "once")]
    pub times: u32,
}

impl Planned {
    /// Befalls the next request whose path contains `path`.
    #[must_use]
    pub fn once(fault: Fault, method: &str, path: &str) -> Self {
        Self { fault, method: Some(method.to_owned()), path: Some(path.to_owned()), skip: 0, times: 1 }
    }

    fn fits(&self, call: &Call) -> bool {
        self.method.as_ref().is_none_or(|method| *method == call.method)
            && self.path.as_ref().is_none_or(|path| call.path.contains(path.as_str()))
    }
}

/// Everything that will go wrong.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    planned: Vec<Planned>,
    chance: Option<(u64, u8)>,
}

impl Faults {
    /// Adds to the plan.
    pub fn plan(&mut self, planned: Planned) {
        self.planned.push(planned);
    }

    /// From now on so many of a hundred requests go wrong, by a seed: the same seed, the same faults.
    pub fn by_chance(&mut self, seed: u64, percent: u8) {
        self.chance = Some((seed, percent));
    }

    /// Nothing goes wrong any more.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What befalls this request.
    pub fn befalls(&mut self, call: &Call) -> Option<Fault> {
        if let Some(planned) = self.planned.iter_mut().find(|planned| planned.times > 0 && planned.fits(call)) {
            if planned.skip > 0 {
                planned.skip -= 1;
                return None;
            }
            planned.times -= 1;
            return Some(planned.fault).filter(|fault| *fault != Fault::None);
        }
        let (state, percent) = self.chance.as_mut()?;
        let roll = dice(state);
        let kinds = u64::try_from(Fault::PASSING.len()).unwrap_or(1);
        let kind = usize::try_from(dice(state) % kinds).unwrap_or_default();
        (roll % 100 < u64::from(*percent)).then(|| Fault::PASSING.get(kind).copied()).flatten()
    }
}

/// Steele and Vigna's split-mix: any 64 bits will do as a seed.
fn dice(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(method: &str, path: &str) -> Call {
        Call { method: method.to_owned(), path: path.to_owned(), ..Call::default() }
    }

    #[test]
    fn a_fault_befalls_only_what_it_is_planned_for() {
        let mut faults = Faults::default();
        faults.plan(Planned { skip: 1, ..Planned::once(Fault::Outage, "POST", "campaigns") });
        assert_eq!(faults.befalls(&call("GET", "/v26.0/act_1/campaigns")), None);
        assert_eq!(faults.befalls(&call("POST", "/v26.0/act_1/campaigns")), None, "skipped");
        assert_eq!(faults.befalls(&call("POST", "/v26.0/act_1/campaigns")), Some(Fault::Outage));
        assert_eq!(faults.befalls(&call("POST", "/v26.0/act_1/campaigns")), None, "over");
    }

    #[test]
    fn a_seed_is_a_plan() {
        let rolled = |seed| {
            let mut faults = Faults::default();
            faults.by_chance(seed, 30);
            (0..200).map(|_| faults.befalls(&call("POST", "/"))).collect::<Vec<_>>()
        };
        assert_eq!(rolled(7), rolled(7));
        assert_ne!(rolled(7), rolled(8));
        let share = rolled(7).iter().flatten().count();
        assert!((30..=90).contains(&share), "{share} of 200");
    }
}
