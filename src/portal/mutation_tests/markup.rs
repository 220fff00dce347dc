//! A page as a tree of tags that can be changed at random and written down again.

use scraper::{ElementRef, Html, Node};

use super::pick;
use crate::archive::test_model::Dice;

/// Tags without an end.
const VOID: [&str; 5] = ["input", "br", "meta", "link", "hr"];

/// What elements are turned into, or wrapped in.
const TAGS: [&str; 24] = [
    "a", "button", "form", "div", "h1", "h2", "td", "th", "tr", "table", "select", "option",
    "label", "span", "script", "template", "pre", "p", "li", "dt", "dd", "textarea", "nav",
    "fieldset",
];

/// Words and values that lead astray: other changes, other tenants, other rows.
const WORDS: [&str; 14] = [
    "実行",
    "ダンプ実行",
    "削除",
    "ダウンロード",
    "DBインポート",
    "DBダンプ",
    "日レセ管理画面",
    "ログアウト",
    "別医院テナント",
    "000000453",
    "ダンプ済み",
    "データベースのインポートが完了しました。",
    "9.6",
    "上書き",
];

/// Addresses and values for attributes.
const VALUES: [&str; 20] = [
    "/tenants/453/db_imports",
    "/tenants/453/db_dumps",
    "/tenants/{id}/db_dumps",
    "/tenants/{id}/db_dumps/1",
    "/tenants/{id}/db_dumps/2",
    "/tenants/{id}/db_imports",
    "/tenants/{id}/db_dumps/1/download",
    "/session",
    "/",
    "#",
    "javascript:void(0)",
    "post",
    "get",
    "delete",
    "hidden",
    "submit",
    "file",
    "multipart/form-data",
    "15",
    "9.6",
];

/// Names for attributes.
const NAMES: [&str; 18] = [
    "href",
    "action",
    "method",
    "data-method",
    "data-turbo-method",
    "data-confirm",
    "formaction",
    "name",
    "id",
    "for",
    "value",
    "type",
    "form",
    "disabled",
    "hidden",
    "aria-label",
    "enctype",
    "data-remote",
];

/// A piece of a page.
#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Tag(Tag),
}

#[derive(Clone, Debug)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    inside: Vec<Piece>,
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Rename,
    Reword,
    Move,
    Double,
    Remove,
    Nest,
    Retag,
    Swap,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Rename,
        Self::Reword,
        Self::Move,
        Self::Double,
        Self::Remove,
        Self::Nest,
        Self::Retag,
        Self::Swap,
    ];
}

/// A page.
pub(super) struct Markup(Tag);

/// Where a tag lies: the places to take from the root down.
type Way = Vec<usize>;

impl Markup {
    pub(super) fn read(html: &str) -> Self {
        Self(tag(Html::parse_document(html).root_element()))
    }

    pub(super) fn write(&self) -> String {
        let mut out = "<!DOCTYPE html>\n".to_owned();
        write(&self.0, &mut out);
        out
    }

    /// Changes the page once; `tenant` is the number in addresses.
    pub(super) fn change(&mut self, kind: Kind, dice: &mut Dice, tenant: &str) {
        let ways = self.ways();
        if ways.is_empty() {
            return;
        }
        let way = pick(dice, &ways).clone();
        let other = pick(dice, &ways).clone();
        let value = pick(dice, &VALUES).replace("{id}", tenant);
        match kind {
            Kind::Rename => self.rename(&way, dice, value),
            Kind::Reword => self.reword(dice),
            Kind::Move => {
                if let Some(piece) = self.cut(&way) {
                    self.put(&other, dice, piece);
                }
            }
            Kind::Double => {
                let piece = Piece::Tag(self.at(&way).clone());
                let to = if dice.roll(2) == 0 { way[..way.len() - 1].to_vec() } else { other };
                self.put(&to, dice, piece);
            }
            Kind::Remove => {
                self.cut(&way);
            }
            Kind::Nest => {
                let mut attributes = Vec::new();
                for _ in 0..dice.roll(3) {
                    attributes.push(((*pick(dice, &NAMES)).to_owned(), value.clone()));
                }
                let tag = self.at(&way);
                let name: &str = pick::<&str>(dice, &TAGS);
                let inner = std::mem::replace(tag, Tag::new(name));
                tag.attributes = attributes;
                tag.inside.push(Piece::Tag(inner));
            }
            Kind::Retag => self.at(&way).name = (*pick(dice, &TAGS)).to_owned(),
            Kind::Swap => self.swap(&way, &other, dice),
        }
    }

    fn rename(&mut self, way: &[usize], dice: &mut Dice, value: String) {
        // Most tags of a page have nothing to rename; one that has is looked for.
        let all: Vec<(String, String)> = self.attributes();
        let stranger = all.get(dice.roll(all.len().max(1))).cloned().unwrap_or_default();
        let name = (*pick(dice, &NAMES)).to_owned();
        let tag = self.at(way);
        let place = dice.roll(tag.attributes.len().max(1));
        match (dice.roll(5), tag.attributes.get_mut(place)) {
            (0, Some(attribute)) => attribute.0 = name,
            (1, Some(attribute)) => attribute.1 = value,
            (2, Some(attribute)) => attribute.1 = stranger.1,
            (3, Some(_)) => {
                tag.attributes.remove(place);
            }
            _ => tag.attributes.push(if dice.roll(2) == 0 { stranger } else { (name, value) }),
        }
    }

    fn reword(&mut self, dice: &mut Dice) {
        let mut texts = Vec::new();
        collect(&mut self.0, &mut texts);
        if texts.is_empty() {
            return;
        }
        let from = texts[dice.roll(texts.len())].clone();
        let place = dice.roll(texts.len());
        *texts[place] = match dice.roll(4) {
            0 => from,
            1 => format!("{}（新）", texts[place]),
            2 => String::new(),
            _ => (*pick(dice, &WORDS)).to_owned(),
        };
    }

    /// Two tags change places, or what they are called, or one attribute that both have.
    fn swap(&mut self, way: &[usize], other: &[usize], dice: &mut Dice) {
        if way.starts_with(other) || other.starts_with(way) {
            return;
        }
        let (mut left, mut right) = (self.at(way).clone(), self.at(other).clone());
        match dice.roll(3) {
            0 => std::mem::swap(&mut left, &mut right),
            1 => std::mem::swap(&mut left.inside, &mut right.inside),
            _ => std::mem::swap(&mut left.attributes, &mut right.attributes),
        }
        *self.at(way) = left;
        *self.at(other) = right;
    }

    /// All tags but the root.
    fn ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        let mut open = vec![(Way::new(), &self.0)];
        while let Some((way, tag)) = open.pop() {
            for (place, piece) in tag.inside.iter().enumerate() {
                if let Piece::Tag(inner) = piece {
                    let way: Way = way.iter().copied().chain([place]).collect();
                    ways.push(way.clone());
                    open.push((way, inner));
                }
            }
        }
        ways
    }

    fn attributes(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut open = vec![&self.0];
        while let Some(tag) = open.pop() {
            all.extend(tag.attributes.iter().cloned());
            open.extend(tag.inside.iter().filter_map(|piece| match piece {
                Piece::Tag(tag) => Some(tag),
                Piece::Text(_) => None,
            }));
        }
        all
    }

    fn at(&mut self, way: &[usize]) -> &mut Tag {
        way.iter().fold(&mut self.0, |tag, place| match &mut tag.inside[*place] {
            Piece::Tag(inner) => inner,
            Piece::Text(_) => unreachable!("ways lead to tags"),
        })
    }

    fn cut(&mut self, way: &[usize]) -> Option<Piece> {
        let (last, up) = way.split_last()?;
        Some(self.at(up).inside.remove(*last))
    }

    /// Puts a piece below the nearest tag that is still there on the way.
    fn put(&mut self, way: &[usize], dice: &mut Dice, piece: Piece) {
        let (mut there, mut tag) = (Way::new(), &self.0);
        for place in way {
            let Some(Piece::Tag(inner)) = tag.inside.get(*place) else { break };
            there.push(*place);
            tag = inner;
        }
        let place = dice.roll(tag.inside.len() + 1);
        self.at(&there).inside.insert(place, piece);
    }
}

impl Tag {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), attributes: Vec::new(), inside: Vec::new() }
    }
}

fn collect<'a>(tag: &'a mut Tag, texts: &mut Vec<&'a mut String>) {
    for piece in &mut tag.inside {
        match piece {
            Piece::Text(text) if text.trim().is_empty() => {}
            Piece::Text(text) => texts.push(text),
            Piece::Tag(tag) => collect(tag, texts),
        }
    }
}

fn tag(element: ElementRef<'_>) -> Tag {
    let value = element.value();
    let inside = element.children().filter_map(|node| match node.value() {
        Node::Text(text) => Some(Piece::Text(text.to_string())),
        Node::Element(_) => ElementRef::wrap(node).map(|inner| Piece::Tag(tag(inner))),
        _ => None,
    });
    Tag {
        name: value.name().to_owned(),
        attributes: value
            .attrs()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        inside: inside.collect(),
    }
}

fn write(tag: &Tag, out: &mut String) {
    out.push('<');
    out.push_str(&tag.name);
    for (name, value) in &tag.attributes {
        out.push_str(&format!(
            " {name}=\"{}\"",
            value.replace('&', "&amp;").replace('"', "&quot;")
        ));
    }
    out.push('>');
    for piece in &tag.inside {
        match piece {
            Piece::Text(text) if matches!(tag.name.as_str(), "script" | "style") => {
                out.push_str(text);
            }
            Piece::Text(text) => {
                out.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
            }
            Piece::Tag(inner) => write(inner, out),
        }
    }
    if !VOID.contains(&tag.name.as_str()) {
        out.push_str(&format!("</{}>", tag.name));
    }
}
