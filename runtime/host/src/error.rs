//! Why a run could not be made. Once the application runs nothing here ends it: what fails then is
//! told as a warning, and the application goes on without offloading.

use std::path::PathBuf;

use beehive_measured::MeasuredError;
use beehive_record::RecordError;
use thiserror::Error;

/// Failure of a run. Unless said otherwise the application was not started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// The command, its JDK, the load or the private directory.
    #[error(transparent)]
    Launch(#[from] RecordError),
    /// The bundle was made for another JDK than the command starts.
    #[error("the bundle is for JDK {bundle}, the command starts {found}")]
    OtherJdk {
        /// `java.vm.version` in the bundle's manifest.
        bundle: String,
        /// Runtime version of the command's JDK.
        found: String,
    },
    /// The command starts another application than the plan's.
    #[error("the plan is of {planned}, the command starts {found}")]
    OtherApplication {
        /// First entry of the recorded class path that is not the command's.
        planned: String,
        /// First entry of the command's class path that is not the plan's.
        found: String,
    },
    /// What was measured cannot be written. The application has ended.
    #[error("cannot write what was measured")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The reason.
        #[source]
        source: MeasuredError,
        /// The application's own status.
        status: u8,
    },
}
