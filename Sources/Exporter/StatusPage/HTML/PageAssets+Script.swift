extension PageAssets {
    /// Refreshes the page in place while it is visible, and no text of it is selected. All markup comes
    /// from the server.
    static let script = """
        "use strict";
        const seconds = 5;
        const find = (selector, root = document) => root.querySelector(selector);
        async function refresh() {
            const live = find("#live");
            try {
                const answer = await fetch(location.pathname, { cache: "no-store" });
                const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                if (!find("main", page)) throw new Error("no table in the response");
                if (document.getSelection().isCollapsed) show(page);
                live.textContent = "· refreshed every " + seconds + " s";
            } catch (error) {
                live.textContent = "· cannot refresh: " + error.message;
            }
            setTimeout(refreshIfSeen, seconds * 1000);
        }
        function show(page) {
            const boxes = [...document.querySelectorAll(".box")].map(box => box.scrollLeft);
            const open = [...document.querySelectorAll("details[open]")].map(one => one.id);
            for (const part of ["main", "header time"])
                find(part).replaceWith(document.adoptNode(find(part, page)));
            document.title = page.title;
            document.querySelectorAll(".box").forEach((box, i) => box.scrollLeft = boxes[i] || 0);
            for (const id of open) find("#" + id)?.setAttribute("open", "");
        }
        function refreshIfSeen() {
            if (!document.hidden) return refresh();
            document.addEventListener("visibilitychange", refreshIfSeen, { once: true });
        }
        setTimeout(refreshIfSeen, seconds * 1000);

        """
}
