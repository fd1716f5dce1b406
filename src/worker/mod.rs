//! Claims due deliveries, sends, records; reads takedowns back. Any number of workers share one database; the mails
//! one worker has under way are also the most duplicates its sudden death can cause.

mod advertise;
mod aim;
mod background;
mod bounces;
mod claim;
mod deliver;
mod follow;
mod foretell;
mod keep;
mod letters;
mod platform;
mod read_back;
mod rounds;
mod run;
mod tell;
mod wake;
mod witness;

pub use aim::look as find_aims;
pub use follow::follow_audience;
pub use run::{Worker, WorkerError};
pub use witness::witness_audit;
