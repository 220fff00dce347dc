// What rails-ujs and Bootstrap do for the pages of this site.
"use strict";

function hidden(form, name, value) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = value;
  form.appendChild(input);
}

function meta(name) {
  const element = document.querySelector(`meta[name="${name}"]`);
  return element ? element.content : "";
}

function follow(link) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = link.href;
  form.hidden = true;
  hidden(form, "_method", link.dataset.method || link.dataset.turboMethod);
  hidden(form, meta("csrf-param"), meta("csrf-token"));
  document.body.appendChild(form);
  form.submit();
}

function question(element) {
  return element.dataset.confirm || element.dataset.turboConfirm;
}

function showTab(link) {
  const pane = document.querySelector(link.getAttribute("href"));
  if (!pane) return;
  for (const other of document.querySelectorAll(".nav-tabs a[data-toggle=tab], .tab-pane")) {
    other.classList.remove("active");
  }
  link.classList.add("active");
  pane.classList.add("active");
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  for (const open of document.querySelectorAll(".dropdown.open")) {
    if (!link || link.parentElement !== open) open.classList.remove("open");
  }
  if (!link) return;
  if (link.dataset.toggle === "dropdown") {
    event.preventDefault();
    link.parentElement.classList.toggle("open");
  } else if (link.dataset.toggle === "tab") {
    event.preventDefault();
    showTab(link);
  } else if (question(link) && !window.confirm(question(link))) {
    event.preventDefault();
  } else if (link.dataset.method || link.dataset.turboMethod) {
    event.preventDefault();
    follow(link);
  }
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && question(button) && !window.confirm(question(button))) event.preventDefault();
});
