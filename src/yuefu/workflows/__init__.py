"""The use cases that every face calls: compose, render, analyse, replay."""
