//! What becomes of each native call on a worker: its category out of the reviewed table, and its fate.
//! A native without a row is unknown and refuses, never harmless.

use beehive_natives::{Category, NativeMethod, ReviewedRow, ReviewedTable};
use beehive_plan::{NativeCategory, NativeCounts, NativeFate, NativeUse};
use beehive_trace::NativeCalls;

use super::handling::Judge;
use super::region::Region;
use super::rows::Rows;
use super::rules::NATIVES_OF_EQUIVALENTS;

/// The reviewed table as seen by one trace.
#[derive(Debug)]
pub(crate) struct NativeTable {
    /// Feature version of the recorded JDK, if its build names one.
    feature: Option<u16>,
}

impl NativeTable {
    /// The table for a JDK by its `java.vm.version`, e.g. `17.0.15+6-Debian-1`.
    pub(crate) fn of_build(jdk_build: &str) -> Self {
        let digits = jdk_build.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        Self { feature: digits.parse().ok() }
    }

    /// Whether anyone has reviewed this feature version.
    pub(crate) fn is_reviewed(&self) -> bool {
        self.feature.is_some_and(|feature| ReviewedTable::get().features().contains(&feature))
    }

    fn row(&self, native: &str) -> Option<&'static ReviewedRow> {
        let (class, member) = native.split_once('#')?;
        let (method, descriptor) = member.split_at(member.find('(')?);
        let native = NativeMethod {
            class: class.to_owned(),
            method: method.to_owned(),
            descriptor: descriptor.to_owned(),
        };
        ReviewedTable::get().row(self.feature?, &native)
    }
}

/// The word of the plan for the word of the table.
pub(crate) const fn category(of: Category) -> NativeCategory {
    match of {
        Category::PureHeap => NativeCategory::PureHeap,
        Category::HiddenState => NativeCategory::HiddenState,
        Category::Network => NativeCategory::Network,
        Category::Stateless => NativeCategory::Stateless,
        Category::Host => NativeCategory::Host,
        Category::Unknown => NativeCategory::Unknown,
    }
}

/// The native calls of a root, most first, and their sums by category.
pub(crate) fn native_uses(
    rows: Rows<'_>,
    judge: &Judge<'_>,
    region: &Region<'_>,
    table: &NativeTable,
    label: &dyn Fn(u32) -> String,
) -> (Vec<NativeUse>, NativeCounts) {
    let mut counts = NativeCounts::default();
    let mut uses: Vec<NativeUse> = rows
        .natives
        .iter()
        .map(|row| {
            let reviewed = table.row(&row.native);
            let (category, (fate, why)) = if is_socket_write(rows, &row.native) {
                (NativeCategory::Network, (NativeFate::Proxied, SOCKET_WRITE.to_owned()))
            } else {
                let named = reviewed.map_or(NativeCategory::Unknown, |row| category(row.category));
                (named, fate(rows, judge, region, row, reviewed))
            };
            let count = rows.each(row.count);
            *counts.get_mut(category) += count;
            let (native, user) = (row.native.clone(), label(row.user));
            NativeUse {
                native,
                category,
                fate,
                user,
                count,
                share: rows.share(row.invocations),
                why,
            }
        })
        .collect();
    uses.sort_by(|a, b| {
        let rest = |u: &NativeUse| (u.native.clone(), u.user.clone());
        b.count.total_cmp(&a.count).then_with(|| rest(a).cmp(&rest(b)))
    });
    (uses, counts)
}

/// What is said of a socket's write through a file's native.
const SOCKET_WRITE: &str = "a socket of this process, written through the native of files";

/// Whether a call of the native that writes files wrote to a socket: on JDK 17 `SocketDispatcher` has none of
/// its own. A file's writer of the same native is `FileChannelImpl`.
fn is_socket_write(rows: Rows<'_>, native: &str) -> bool {
    native.starts_with("sun.nio.ch.FileDispatcherImpl#write")
        && rows.ran("sun.nio.ch.SocketDispatcher")
        && !rows.ran("sun.nio.ch.FileChannelImpl")
}

fn fate(
    rows: Rows<'_>,
    judge: &Judge<'_>,
    region: &Region<'_>,
    row: &NativeCalls,
    reviewed: Option<&ReviewedRow>,
) -> (NativeFate, String) {
    let Some(reviewed) = reviewed else {
        let class = row.native.split('#').next().unwrap_or_default();
        let whose = if judge.types.is_jdk(class) { "the JDK" } else { "the application" };
        return (NativeFate::Refused, format!("nobody has reviewed this native of {whose}"));
    };
    let why = || reviewed.reason.clone();
    match reviewed.category {
        Category::PureHeap | Category::Stateless => (NativeFate::Runs, why()),
        Category::Network => (NativeFate::Proxied, why()),
        Category::HiddenState => hidden_state(rows, region, reviewed),
        Category::Host | Category::Unknown => match excuse(rows, &row.native, row.invocations) {
            Some(excuse) => (NativeFate::Runs, excuse.to_owned()),
            None => (NativeFate::Refused, why()),
        },
    }
}

/// State outside the heap travels, unless its object was there before and can only stay at home.
fn hidden_state(
    rows: Rows<'_>,
    region: &Region<'_>,
    reviewed: &ReviewedRow,
) -> (NativeFate, String) {
    let told = format!("{}: {}", reviewed.state, reviewed.marshalling);
    let way = reviewed.marshalling.as_str();
    let stays = way.contains("pinned") || way.starts_with("stays at home");
    let is_old = match reviewed.class.as_str() {
        // Its natives are called by the locks, which come home as locks.
        "jdk.internal.misc.Unsafe" => false,
        "java.lang.Object" => stays && rows.locks.iter().any(|lock| lock.existing),
        class => stays && region.is_reached(class) && region.weight(class) > 0.0,
    };
    (if is_old { NativeFate::ComesHome } else { NativeFate::RunsWithState }, told)
}

/// Why a call of the host's is none of the root's own: an equivalent's, a lock's, or done once.
pub(crate) fn excuse(rows: Rows<'_>, native: &str, invocations: u64) -> Option<&'static str> {
    let of_equivalent = NATIVES_OF_EQUIVALENTS.iter().find(|(prefix, packages, _)| {
        native.starts_with(prefix) && packages.iter().any(|package| rows.ran(package))
    });
    if let Some((_, _, why)) = of_equivalent {
        return Some(why);
    }
    let is_waking = native.contains("#unpark(") || native.contains("#interrupt0(");
    if is_waking && rows.locks.iter().any(|lock| lock.existing) {
        return Some("wakes a thread that waits for a lock, which is taken at home");
    }
    rows.is_first_use(invocations).then_some("done once, at first use of a class")
}
