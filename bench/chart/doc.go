// Package chart draws bars and lines as SVG, with nothing but text: what the bench shows fits on a page and has to work where
// Markdown is read. Colours are told apart by those who see few of them (Okabe and Ito's set), and every value is written out.
package chart
