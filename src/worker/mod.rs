//! Claims due deliveries, sends, records; reads takedowns back. Any number of workers share one database; the mails
//! one worker has under way are also the most duplicates its sudden death can cause.

mod advertise;
mod bounces;
mod claim;
mod deliver;
mod follow;
mod foretell;
mod keep;
mod letters;
mod read_back;
mod run;
mod tell;
mod wake;
mod witness;

pub use follow::follow_audience;
pub use run::{Worker, WorkerError};
pub use witness::witness_audit;
