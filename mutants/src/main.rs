//! Writes every mutant of the named files into them, each behind a switch, so that one build
//! serves all of them: `mutants FIRST FILE...` edits the files in place, numbers from FIRST, and
//! prints `NUMBER<TAB>FILE<TAB>LINE<TAB>WHAT` for each.
//!
//! The operators are those of cargo-mutants: bodies become a plain value, comparisons and logic
//! their neighbours, negations and match arms go. Arithmetic is changed only beside a literal
//! number, since a mutant that does not compile would spoil the build of all.

use std::fmt::Write;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// What the switches ask; the copy of the product gets this function.
const SWITCH: &str = "crate::guard_is_off";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().and_then(|text| text.parse().ok());
    let Some(mut next) = first else { panic!("usage: mutants FIRST FILE...") };
    for file in arguments {
        let text = std::fs::read_to_string(&file).expect("a file that can be read");
        let tree = syn::parse_file(&text).expect("a file of Rust");
        let mut maker = Maker {
            lines: starts(&text),
            text: &text,
            next,
            made: vec![],
            edits: vec![],
            depth: 0,
        };
        maker.visit_file(&tree);
        next = maker.next;
        for (number, line, what) in &maker.made {
            println!("{number}\t{file}\t{line}\t{what}");
        }
        std::fs::write(&file, maker.edited()).expect("a file that can be written");
    }
}

/// The offset of each line's first byte.
fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

struct Maker<'a> {
    text: &'a str,
    lines: Vec<usize>,
    next: usize,
    made: Vec<(usize, usize, String)>,
    /// Offset, order at the same offset, text.
    edits: Vec<(usize, i64, String)>,
    depth: i64,
}

impl Maker<'_> {
    fn offset(&self, at: proc_macro2::LineColumn) -> usize {
        let start = self.lines[at.line - 1];
        let line = &self.text[start..];
        start + line.chars().take(at.column).map(char::len_utf8).sum::<usize>()
    }

    fn range(&self, node: &impl Spanned) -> (usize, usize) {
        let span = node.span();
        (self.offset(span.start()), self.offset(span.end()))
    }

    fn raw(&self, node: &impl Spanned) -> &str {
        let (from, to) = self.range(node);
        &self.text[from..to]
    }

    /// A new mutant's switch.
    fn switch(&mut self, node: &impl Spanned, what: impl Into<String>) -> String {
        let number = self.next;
        self.next += 1;
        self.made.push((number, node.span().start().line, what.into()));
        format!("{SWITCH}(\"{number}\")")
    }

    /// An outer expression's beginning comes before an inner one's, its end after it.
    fn wrap(&mut self, node: &impl Spanned, before: String, after: &str) {
        let (from, to) = self.range(node);
        self.edits.push((from, self.depth, before));
        self.edits.push((to, i64::MIN / 2 - self.depth, after.to_owned()));
    }

    fn insert(&mut self, at: usize, text: String) {
        self.edits.push((at, self.depth, text));
    }

    fn edited(mut self) -> String {
        self.edits.sort_by_key(|(at, order, _)| (*at, *order));
        let (mut out, mut from) = (String::new(), 0);
        for (at, _, text) in &self.edits {
            out.push_str(&self.text[from..*at]);
            out.push_str(text);
            from = *at;
        }
        out + &self.text[from..]
    }

    /// Plain values instead of a body.
    fn body(&mut self, name: &syn::Ident, output: &syn::ReturnType, block: &syn::Block) {
        let values = match output {
            syn::ReturnType::Default => vec![String::new()],
            syn::ReturnType::Type(_, of) => plain(of),
        };
        // A body that is this value already would be the same program.
        let raw = self.raw(block);
        let own: String = raw[1..raw.len() - 1].split_whitespace().collect();
        let (from, _) = self.range(block);
        for value in values {
            if own == value.split_whitespace().collect::<String>() || own.is_empty() {
                continue;
            }
            let switch = self.switch(
                name,
                format!("{name}: body -> {}", if value.is_empty() { "()" } else { &value }),
            );
            self.insert(from + 1, format!(" if {switch} {{ return {value}; }} "));
        }
    }
}

/// Values of a type that every program knows.
fn plain(of: &syn::Type) -> Vec<String> {
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match of {
        syn::Type::Tuple(tuple) if tuple.elems.is_empty() => vec!["()".to_owned()],
        syn::Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem
        {
            syn::Type::Path(path) if path.path.is_ident("str") => strings(&["\"\"", "\"xyzzy\""]),
            _ => Vec::new(),
        },
        syn::Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Vec::new() };
            let inner = || match &last.arguments {
                syn::PathArguments::AngleBracketed(list) => match list.args.first() {
                    Some(syn::GenericArgument::Type(of)) => plain(of),
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            };
            match last.ident.to_string().as_str() {
                "bool" => strings(&["true", "false"]),
                "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => strings(&["0", "1"]),
                "String" => strings(&["String::new()", "\"xyzzy\".to_owned()"]),
                "Vec" => strings(&["Vec::new()"]),
                "Option" => {
                    let some = inner().into_iter().map(|value| format!("Some({value})"));
                    std::iter::once("None".to_owned()).chain(some).collect()
                }
                "Result" => inner().into_iter().map(|value| format!("Ok({value})")).collect(),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let mut words = String::new();
        if let syn::Meta::List(list) = &attribute.meta {
            let _ = write!(words, "{}", list.tokens);
        }
        attribute.path().is_ident("test") || (attribute.path().is_ident("cfg") && words == "test")
    })
}

/// True where the expression binds names, so that it cannot be put into brackets.
fn binds(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

fn is_number(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::Lit(lit) if matches!(lit.lit, syn::Lit::Int(_)))
}

fn neighbours(binary: &syn::ExprBinary) -> &'static [&'static str] {
    use syn::BinOp;
    let by_number = is_number(&binary.left) || is_number(&binary.right);
    match binary.op {
        BinOp::Eq(_) => &["!="],
        BinOp::Ne(_) => &["=="],
        BinOp::Lt(_) => &["<=", ">"],
        BinOp::Le(_) => &["<", ">"],
        BinOp::Gt(_) => &[">=", "<"],
        BinOp::Ge(_) => &[">", "<"],
        BinOp::And(_) => &["||"],
        BinOp::Or(_) => &["&&"],
        BinOp::Add(_) if by_number => &["-", "*"],
        BinOp::Sub(_) if by_number => &["+"],
        _ => &[],
    }
}

impl<'ast> Visit<'ast> for Maker<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    // What is reckoned at compile time has no switch.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if item.sig.constness.is_none() && !is_test(&item.attrs) {
            self.body(&item.sig.ident, &item.sig.output, &item.block);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if item.sig.constness.is_none() && !is_test(&item.attrs) {
            self.body(&item.sig.ident, &item.sig.output, &item.block);
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if !binds(&binary.left) && !binds(&binary.right) {
            let (left, right) =
                (self.raw(&binary.left).to_owned(), self.raw(&binary.right).to_owned());
            let op = self.raw(&binary.op).to_owned();
            let (mut before, mut after) = ("(".to_owned(), String::new());
            for other in neighbours(binary) {
                let switch = self.switch(&binary.op, format!("{op} -> {other}"));
                let _ = write!(before, "if {switch} {{ ({left}) {other} ({right}) }} else {{ ");
                after.push_str(" }");
            }
            if !after.is_empty() {
                after.push(')');
                self.wrap(binary, before, &after);
            }
        }
        self.depth += 1;
        visit::visit_expr_binary(self, binary);
        self.depth -= 1;
    }

    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if matches!(unary.op, syn::UnOp::Not(_)) {
            let inner = self.raw(&unary.expr).to_owned();
            let switch = self.switch(unary, "! goes");
            // Twice denied, so that a reference becomes the value that it was before.
            self.wrap(unary, format!("(if {switch} {{ !(!({inner})) }} else {{ "), " })");
        }
        self.depth += 1;
        visit::visit_expr_unary(self, unary);
        self.depth -= 1;
    }

    fn visit_expr_macro(&mut self, of: &'ast syn::ExprMacro) {
        if of.mac.path.is_ident("matches") {
            let own = self.raw(of).to_owned();
            let switch = self.switch(of, "matches! -> !matches!");
            self.wrap(of, format!("(if {switch} {{ !{own} }} else {{ "), " })");
        }
    }

    fn visit_expr_match(&mut self, of: &'ast syn::ExprMatch) {
        let is_rest = |arm: &syn::Arm| arm.guard.is_none() && matches!(arm.pat, syn::Pat::Wild(_));
        let has_rest = of.arms.iter().any(is_rest);
        for arm in &of.arms {
            let what: String = self.raw(&arm.pat).split_whitespace().collect::<Vec<_>>().join(" ");
            match &arm.guard {
                Some((_, guard)) if !binds(guard) => {
                    let yes = self.switch(&arm.pat, format!("guard of {what} -> true"));
                    let no = self.switch(&arm.pat, format!("guard of {what} -> false"));
                    self.wrap(&**guard, format!("({yes} || ("), &format!(")) && !{no}"));
                }
                None if has_rest && !is_rest(arm) => {
                    let switch = self.switch(&arm.pat, format!("arm {what} goes"));
                    let (_, to) = self.range(&arm.pat);
                    self.insert(to, format!(" if !{switch}"));
                }
                _ => {}
            }
        }
        self.depth += 1;
        visit::visit_expr_match(self, of);
        self.depth -= 1;
    }
}
