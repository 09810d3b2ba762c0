//! Prices: a dated table built in, the vendor's offer files over it, the user's overlay on top.
//! Owns what a meter costs and where that is known from; does not know what is billed (billing does).

mod book;
mod builtin;
mod instances;
mod meter;
mod offer_csv;
mod offer_document;
mod offer_json;
mod offer_query;
mod offer_row;
mod overlay;

use std::io::Read;
use std::path::Path;

pub use book::{Mark, Price, PriceBook, Tier};
pub use builtin::builtin_prices;
pub use instances::{Credits, InstanceTable, InstanceType, builtin_instances};
pub use meter::Meter;
pub use overlay::apply_overlay;

use crate::ReportError;
use offer_row::Collected;

/// Reads one of the vendor's price files into `book`, over the prices already there, and
/// sizes of instance types not yet known into `table`. JSON offer
/// files and CSV ones are streamed: memory does not grow with the file.
///
/// # Errors
/// [`ReportError::PriceFile`] with the line, [`ReportError::PriceService`],
/// [`ReportError::PriceRegion`], [`ReportError::Read`].
pub fn read_price_file(
    path: &Path,
    region: &str,
    book: &mut PriceBook,
    table: &mut InstanceTable,
) -> Result<(), ReportError> {
    let collected = match form_of(path)? {
        Form::Offer => offer_json::read(path, region)?,
        Form::Query => offer_query::read(path, region)?,
        Form::Csv => offer_csv::read(path, region)?,
    };
    store(path, region, collected, book, table)
}

fn store(
    path: &Path,
    region: &str,
    collected: Collected,
    book: &mut PriceBook,
    table: &mut InstanceTable,
) -> Result<(), ReportError> {
    if !collected.services.is_empty()
        && !collected.services.iter().any(|s| offer_row::SERVICES.contains(&s.as_str()))
    {
        let found = collected.services.into_iter().collect::<Vec<_>>().join(", ");
        return Err(ReportError::PriceService { path: path.to_owned(), found });
    }
    if collected.prices.is_empty() {
        let found = collected.regions.into_iter().take(5).collect::<Vec<_>>().join(", ");
        let found = if found.is_empty() { "none".to_owned() } else { found };
        return Err(ReportError::PriceRegion {
            path: path.to_owned(),
            wanted: region.to_owned(),
            found,
        });
    }
    for (meter, price) in collected.prices {
        book.insert(region, meter, price);
    }
    // The built-in rows know credits, offer files do not: keep them.
    for instance in collected.instances {
        if table.get(&instance.name).is_err() {
            table.insert(instance);
        }
    }
    Ok(())
}

enum Form {
    Offer,
    Query,
    Csv,
}

/// Tells the three forms apart by their first kilobyte.
fn form_of(path: &Path) -> Result<Form, ReportError> {
    let file = std::fs::File::open(path).map_err(ReportError::read(path))?;
    let mut head = Vec::new();
    file.take(1024).read_to_end(&mut head).map_err(ReportError::read(path))?;
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.contains("\"formatVersion\"") || text.starts_with('{') && text.contains("\"offerCode\"")
    {
        return Ok(if text.starts_with('{') { Form::Offer } else { Form::Csv });
    }
    if text.starts_with('{') || text.starts_with('[') {
        return Ok(Form::Query);
    }
    if text.starts_with('"') || text.starts_with("FormatVersion") {
        return Ok(Form::Csv);
    }
    Err(ReportError::PriceFile {
        path: path.to_owned(),
        line: 1,
        reason: "neither an offer file (JSON or CSV) nor the answer of a price query".to_owned(),
    })
}
