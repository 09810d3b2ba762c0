//! Treemaps as SVG text in two layouts, for desk and telephone. Owns how tiles look and which words fit into
//! them; where they lie is `treemap`'s, what they mean the caller's.

use std::fmt::Write;

use super::LegendItem;
use super::treemap::{Rectangle, squarify};
use crate::figure::{bytes, count};
use crate::letters;
use crate::picture::escaped;

/// Tiles drawn; smaller ones become one tile together.
const TILES_MAX: usize = 30;
const WIDE: Rectangle = Rectangle { x: 0.0, y: 0.0, width: 520.0, height: 340.0 };
const NARROW: Rectangle = Rectangle { x: 0.0, y: 0.0, width: 330.0, height: 300.0 };
/// Size of letters in the page's style sheet, pixels.
const LETTERS: f64 = 12.0;
const LINE_HEIGHT: f64 = 15.0;
const PADDING: f64 = 6.0;

/// A drawn treemap.
pub(super) struct Map {
    pub(super) title: &'static str,
    pub(super) legend: Vec<LegendItem>,
    pub(super) wide: String,
    pub(super) narrow: String,
}

/// One tile.
#[derive(Clone, Debug, Default)]
pub(super) struct Tile {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) objects: f64,
    pub(super) bytes: f64,
    pub(super) color: &'static str,
}

/// Draws tiles; colours of the legend that no tile has are left out.
pub(super) fn map(title: &'static str, legend: Vec<LegendItem>, tiles: Vec<Tile>) -> Map {
    let tiles = largest(tiles);
    let is_used = |item: &LegendItem| tiles.iter().any(|tile| tile.color == item.color);
    let legend = legend.into_iter().filter(is_used).collect();
    let [wide, narrow] = [WIDE, NARROW].map(|frame| svg(title, &tiles, frame));
    Map { title, legend, wide, narrow }
}

/// Tiles by falling size, equal ones by name, the smallest summed up.
fn largest(mut tiles: Vec<Tile>) -> Vec<Tile> {
    tiles.retain(|tile| tile.bytes > 0.0);
    tiles.sort_by(|a, b| {
        b.bytes.total_cmp(&a.bytes).then_with(|| (&a.title, a.color).cmp(&(&b.title, b.color)))
    });
    if tiles.len() > TILES_MAX {
        let rest = tiles.split_off(TILES_MAX - 1);
        let name = format!("{} more", rest.len());
        tiles.push(Tile {
            title: name.clone(),
            name,
            objects: rest.iter().map(|t| t.objects).sum(),
            bytes: rest.iter().map(|t| t.bytes).sum(),
            color: "--t-rest",
        });
    }
    tiles
}

fn svg(title: &str, tiles: &[Tile], frame: Rectangle) -> String {
    let weights: Vec<f64> = tiles.iter().map(|tile| tile.bytes).collect();
    let mut out = format!(
        "<svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {} {}\">\n",
        escaped(title),
        frame.width,
        frame.height
    );
    for (tile, place) in tiles.iter().zip(squarify(&weights, frame)) {
        write_tile(&mut out, tile, place);
    }
    out + "</svg>"
}

fn write_tile(out: &mut String, tile: &Tile, place: Rectangle) {
    let size = bytes(tile.bytes);
    let _ = write!(
        out,
        "<g><title>{}: {size} in {} objects</title>\
         <rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" style=\"fill:var({})\"/>",
        escaped(&tile.title),
        count(tile.objects),
        place.x,
        place.y,
        place.width,
        place.height,
        tile.color
    );
    let lines = ((place.height - PADDING) / LINE_HEIGHT) as usize;
    let words = [fitting(&tile.name, place.width), fitting(&size, place.width)];
    for (row, word) in (1..).zip(words.into_iter().flatten()).take(lines) {
        let (x, y) = (place.x + PADDING, place.y + LINE_HEIGHT * f64::from(row));
        let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(&word));
    }
    out.push_str("</g>\n");
}

/// As much of a word as fits into a width; nothing if that would be less than four letters.
fn fitting(word: &str, width: f64) -> Option<String> {
    let room = width - 2.0 * PADDING;
    if letters::width(word, LETTERS) <= room {
        return Some(word.to_owned());
    }
    let mut cut = letters::fitting(word.chars(), room, LETTERS);
    cut.push('…');
    (cut.len() > 4).then(|| cut.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_to_their_tile() {
        assert_eq!(fitting("Topic", 60.0).unwrap(), "Topic");
        let cut = fitting("TopicView$Comment", 60.0).unwrap();
        assert_eq!(cut, "Topic…");
        assert!(letters::width(&cut, LETTERS) <= 60.0 - 2.0 * PADDING);
        assert_eq!(fitting("TopicView", 30.0), None);
    }

    #[test]
    fn many_tiles_become_few_and_nothing_gets_lost() {
        let tile = |n: usize| Tile { title: n.to_string(), bytes: n as f64, ..Tile::default() };
        let tiles = largest((0..100).map(tile).collect());
        assert_eq!(tiles.len(), TILES_MAX);
        assert_eq!(tiles.last().unwrap().title, "70 more");
        let sum: f64 = tiles.iter().map(|t| t.bytes).sum();
        assert!((sum - 4950.0).abs() < 1e-9);
    }
}
