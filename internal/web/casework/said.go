package casework

import (
	"hearth/internal/consent"
	"hearth/internal/web/ui"
)

// The words of these pages that the keepers' pages use too.

// BasisWord says what something rested on.
func BasisWord(t ui.T, b consent.BasisKind) string { return basisWord(t, b) }

// PurposeWord says what something was for.
func PurposeWord(t ui.T, p consent.Purpose) string { return purposeWord(t, p) }

// KindWord says what a permission is for.
func KindWord(t ui.T, k consent.Kind) string { return kindWord(t, k) }

// WhatWord says one kind of information.
func WhatWord(t ui.T, c consent.Category) string { return whatWord(t, c) }

// Whats lists kinds of information in words.
func Whats(t ui.T, list []consent.Category) string { return whats(t, list) }
