extension PageAssets {
    /// Wide tables scroll in their own box, so that the page does not scroll sideways. Small screens show
    /// the columns that matter.
    static let style = colors + layout + verdict + tables + smallScreens

    private static let colors = """
        :root { color-scheme: light dark; --text: #1f2328; --dim: #59636e; --back: #fff;
            --panel: #f6f8fa; --line: #dde2e7; --bar: #e6eaee; --spark: #3f7cb6;
            --critical: #b42318; --critical-back: #fdf0ee; --warning: #875100;
            --warning-back: #fdf5e4; --notice: #0a5bb0; --notice-back: #eef5fc;
            --good: #17703a; --good-back: #edf7f0; --inverse: #fff }
        @media (prefers-color-scheme: dark) { :root { --text: #e3e8ed; --dim: #9aa5b0;
            --back: #101418; --panel: #181d22; --line: #2b3239; --bar: #272e35; --spark: #6aa9e4;
            --critical: #ff8f85; --critical-back: #311715; --warning: #efb658;
            --warning-back: #2b210f; --notice: #7fbaf8; --notice-back: #12233a;
            --good: #5fd08a; --good-back: #10281a; --inverse: #101418 } }
        .critical { --level: var(--critical); --level-back: var(--critical-back) }
        .warning { --level: var(--warning); --level-back: var(--warning-back) }
        .notice { --level: var(--notice); --level-back: var(--notice-back) }
        .good { --level: var(--good); --level-back: var(--good-back) }
        .dim, .kind { color: var(--dim) }

        """

    private static let layout = """
        * { box-sizing: border-box }
        body { margin: 0 auto; max-width: 82rem; padding: 1.1rem 1.5rem 2rem;
            background: var(--back); color: var(--text);
            font: 14px/1.45 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans",
                system-ui, sans-serif }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem;
            justify-content: space-between }
        h1 { font-size: 1.05rem; font-weight: 600; margin: 0; overflow-wrap: anywhere }
        h2 { font-size: 1.05rem; font-weight: 600; margin: 1.9rem 0 .5rem }
        h3 { font-size: 1rem; font-weight: 600; margin: 0 }
        p { margin: .35rem 0 }
        header p { margin: 0; font-variant-numeric: tabular-nums }
        ul, ol { margin: 0; padding: 0; list-style: none }
        a { color: inherit }
        footer { margin-top: 2.2rem; border-top: 1px solid var(--line); padding-top: .7rem }
        .tiles { display: grid; gap: .6rem; margin-top: .9rem;
            grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)) }
        .tiles li { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem;
            padding: .55rem .8rem .6rem; display: flex; flex-direction: column }
        .tiles .label { color: var(--dim); font-size: .85rem }
        .tiles .value { font-size: 1.45rem; font-weight: 600; line-height: 1.3;
            font-variant-numeric: tabular-nums }
        .tiles svg { margin-top: auto }

        """

    private static let verdict = """
        .verdict { font-size: 1.55rem; font-weight: 650; line-height: 1.25; margin: .55rem 0 .6rem;
            color: var(--level) }
        .verdict::before { content: "\\25B2"; font-size: .8em; margin-right: .5rem }
        .good > .verdict::before { content: "\\2713"; font-size: 1em }
        .notice > .verdict::before { content: "\\25CB" }
        .problems { display: grid; gap: .6rem;
            grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)) }
        .problems li, .limits { background: var(--level-back); border: 1px solid var(--line);
            border-left: 4px solid var(--level); border-radius: .4rem; padding: .55rem .8rem .65rem }
        .problems li { display: flex; flex-direction: column }
        .problems p { margin: .2rem 0 }
        .problems p:last-of-type { padding-bottom: .25rem }
        .problems b { font-weight: 600 }
        .who { overflow-wrap: anywhere }
        .place { white-space: nowrap }
        .tag { background: var(--level); color: var(--inverse); border-radius: .25rem;
            font-size: .72rem; font-weight: 700; letter-spacing: .04em; text-transform: uppercase;
            padding: .12rem .4rem; margin-right: .25rem; vertical-align: .1em }
        pre { margin: auto 0 0; white-space: pre-wrap; overflow-wrap: anywhere;
            font: .86rem/1.4 ui-monospace, "Liberation Mono", monospace; background: var(--back);
            border: 1px solid var(--line); border-radius: .3rem; padding: .25rem .5rem }
        .limits { --level: var(--notice); --level-back: var(--notice-back); margin-top: .6rem }
        .limits ul { padding-left: 1.1rem; list-style: disc }

        """

    private static let tables = """
        .box { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
        th, td { padding: .32rem .7rem; text-align: left; white-space: nowrap;
            border-top: 1px solid var(--line) }
        thead th { background: var(--panel); border-top: 0; font-weight: 500; font-size: .86rem;
            color: var(--dim) }
        tbody th { font-weight: 500; white-space: pre-wrap; overflow-wrap: anywhere; min-width: 9rem }
        tbody tr:hover { background: var(--panel) }
        .kind { font-weight: 400; font-size: .88em }
        .n { text-align: right }
        td.critical, td.warning, td.notice { color: var(--level); font-weight: 650 }
        .mark { font-size: .8em }
        .wide { width: 22%; min-width: 7rem }
        .prose { white-space: normal; min-width: 14rem }
        svg { display: block }
        .bar { width: 100%; height: .55rem; background: var(--bar); border-radius: .2rem }
        .spark { width: 100%; min-width: 5rem; height: 1.25rem; overflow: visible }
        .spark polyline { fill: none; stroke: var(--spark); stroke-width: 1.5;
            vector-effect: non-scaling-stroke; stroke-linejoin: round }
        details { margin-top: .6rem }
        details .box { margin-top: .5rem }
        summary { cursor: pointer }
        rect { fill: var(--dim) }
        rect.established { fill: #2f9e63 } rect.listen { fill: #4b8fd0 }
        rect.time_wait { fill: #9aa5ae } rect.close_wait, rect.critical { fill: #d9480f }
        rect.syn_sent, rect.syn_recv, rect.warning { fill: #d4a017 }
        rect.fin_wait1, rect.fin_wait2, rect.closing, rect.last_ack { fill: #8e6bbf }

        """

    private static let smallScreens = """
        @media (max-width: 40rem) {
            body { padding: .7rem .75rem 1.5rem }
            .minor { display: none }
            th, td { padding: .32rem .45rem }
            tbody th { min-width: 7rem }
            tbody .kind { display: block }
            .wide { width: auto; min-width: 4rem }
            .verdict { font-size: 1.3rem; margin: .35rem 0 .45rem }
            .problems { gap: .45rem }
            .problems li { padding: .4rem .6rem .5rem }
            .tiles { grid-template-columns: 1fr 1fr; gap: .45rem }
            .tiles li:last-child:nth-child(odd) { grid-column: 1 / -1 }
        }

        """
}
