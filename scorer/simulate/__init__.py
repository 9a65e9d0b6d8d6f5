"""Stories about one lead: written down in YAML, played through the real worker's code, drawn.

story file ─ shape, story ─▶ publications in the order of arrival ─ play ─▶ scores, crossings, bytes
                                                                    │
                                                  expectations ─ verdict     chart ─▶ terminal, SVG
"""
