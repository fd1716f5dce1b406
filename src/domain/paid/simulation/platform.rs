//! The platform of the simulation: what a call does there, and what a look shows.
use super::*;

/// What the platform makes of creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Temper {
    /// All of it.
    Willing,
    /// Half of it, and the answer is lost.
    Refusing,
    /// Half of it is there: no look finds that. The next create goes on with it, is refused the rest, and takes it away.
    Half,
}

impl World {
    pub(super) fn effect(&mut self, call: &Call) -> Answer {
        match call {
            Call::Create => {
                if self.temper == Temper::Refusing {
                    self.temper = Temper::Half;
                    return Answer::Unclear;
                }
                let shows_from = self.now + self.dice.below(LAG);
                if self.temper == Temper::Half {
                    self.temper = Temper::Refusing;
                    // What is deleted is found by its name, as ended.
                    self.made.push(Made { state: CampaignState::Ended, shows_from });
                    return Answer::Undone("refused: the rest of it".to_owned());
                }
                self.made.push(Made { state: CampaignState::Paused, shows_from });
                Answer::Made(format!("c{}", self.made.len()))
            }
            Call::Look => Answer::Found(self.shown()),
            Call::Activate(_) => {
                for made in self.made.iter_mut().filter(|made| made.state == CampaignState::Paused) {
                    made.state = CampaignState::Running;
                }
                Answer::Activated
            }
        }
    }

    pub(super) fn shown(&self) -> Vec<Campaign> {
        let shown = self.made.iter().enumerate().filter(|(_, made)| made.shows_from <= self.now);
        shown
            .map(|(number, made)| Campaign {
                id: format!("c{}", number + 1),
                state: made.state,
                cap_cents: CAP,
                ends_at: at(30 * DAY),
                spent_cents: 0,
                shown: Shown::default(),
            })
            .collect()
    }
}
