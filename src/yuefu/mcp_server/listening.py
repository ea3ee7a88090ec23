"""What an assistant can do for a listener: recommend with reasons, make playlists, note what was thought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from pydantic import Field

from yuefu.client import Client, Recommended

Place = Literal["", "morning", "commute", "work", "study", "run", "party", "evening", "sleep"]
Item = Annotated[str, Field(description="As recommend tells it, such as 'piece:ID'.", max_length=300)]


def listening_tools(server: MCPServer[Any], client: Client, said: Callable[[Any], Any]) -> None:
    """Add the tools of listening to a server. said: what makes refusals sentences."""

    @server.tool()
    @said
    def recommend(
        words: Annotated[str, Field(description="What is wanted, in English or Chinese.", max_length=400)] = "",
        context: Place = "",
        like: Annotated[str, Field(description="An item to be near to.", max_length=300)] = "",
        n: Annotated[int, Field(ge=1, le=50)] = 8,
    ) -> list[dict[str, Any]]:
        """What the user would like to hear from the library next, with the reason for each."""
        found = client.listening.more_like(like, n) if like else None
        if found is None:
            found = client.listening.recommend(n, words=words, context=context)
        return [recommended_told(each) for each in found]

    @server.tool()
    @said
    def playlist(
        words: Annotated[str, Field(description="Such as 'reading on a rainy day'.", max_length=400)] = "",
        minutes: Annotated[float, Field(ge=1, le=600)] = 40.0,
        keep: Annotated[bool, Field(description="Save it in the studio.")] = True,
    ) -> dict[str, Any]:
        """A playlist from the library for words and minutes, whose tempos, keys and energies flow."""
        made = client.listening.playlist(words, minutes, keep=keep)
        names = ("item", "title", "creator", "seconds", "tempo", "key", "energy", "why")
        return {
            "id": made.id, "title": made.title, "minutes": round(made.minutes, 1), "facts": made.facts,
            "notes": list(made.notes), "pieces": [{name: each[name] for name in names} for each in made.items],
        }  # fmt: skip

    @server.tool()
    @said
    def note_opinion(item: Item, opinion: Literal["like", "dislike", "more", "less"]) -> str:
        """Note what the user thinks of an item; what is recommended next takes it into account. Only when they say it.
        more, less: of all that is like it."""
        if opinion in ("more", "less"):
            client.listening.steer(item, more=opinion == "more")
            return "Noted."
        found = client.listening.tell(opinion, item)
        if found.paused:
            return "The user has paused: nothing is kept."
        return "Noted." if found.kept or found.repeated else found.dropped[0]["message"]


def recommended_told(found: Recommended) -> dict[str, Any]:
    """What a model needs of an item."""
    return {
        "item": found.item, "title": found.title, "creator": found.creator, "piece": found.piece_id, "why": found.why,
        "facts": found.facts,
    }  # fmt: skip
