<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Words: {} ({}).</source>
        <extracomment>More words than this are not listed.</extracomment>
        <translation>Wörter: {} ({}).</translation>
    </message>
    <message>
        <source>In the file&apos;s name: {}.</source>
        <translation>Im Namen der Datei: {}.</translation>
    </message>
    <message>
        <source>Meaning: {}.</source>
        <translation>Bedeutung: {}.</translation>
    </message>
    <message>
        <source>Meaning: not among the nearest.</source>
        <translation>Bedeutung: nicht unter den nächsten.</translation>
    </message>
    <message>
        <source>A second look: {}.</source>
        <translation>Ein zweiter Blick: {}.</translation>
    </message>
    <message>
        <source>All filters hold; what was changed last comes first.</source>
        <translation>Alle Filter gelten; zuletzt Geändertes steht oben.</translation>
    </message>
    <message>
        <source>best of all passages</source>
        <translation>beste aller Textstellen</translation>
    </message>
    <message>
        <source>{} best passage</source>
        <translation>{} beste Textstelle</translation>
    </message>
    <message>
        <source>1st</source>
        <translation>1.</translation>
    </message>
    <message>
        <source>What are you looking for?</source>
        <extracomment>Characters of a query that a title has room for.</extracomment>
        <translation>Was suchen Sie?</translation>
    </message>
    <message>
        <source>Search in {}</source>
        <translation>Suche in {}</translation>
    </message>
    <message>
        <source>Ask in your own words, or type the words themselves. Results appear as you type.</source>
        <translation>Fragen Sie mit eigenen Worten, oder tippen Sie die Wörter selbst. Treffer erscheinen beim Tippen.</translation>
    </message>
    <message>
        <source>what you asked before</source>
        <translation>was Sie früher fragten</translation>
    </message>
    <message>
        <source>open the file</source>
        <translation>Datei öffnen</translation>
    </message>
    <message>
        <source>show it in its folder</source>
        <translation>im Ordner zeigen</translation>
    </message>
    <message>
        <source>start anew</source>
        <translation>neu beginnen</translation>
    </message>
    <message>
        <source>Nothing is like “{}”</source>
        <translation>Nichts ähnelt „{}“</translation>
    </message>
    <message>
        <source>Nothing found for “{}” so far</source>
        <translation>Bisher nichts gefunden für „{}“</translation>
    </message>
    <message>
        <source>Nothing found for “{}”</source>
        <translation>Nichts gefunden für „{}“</translation>
    </message>
    <message>
        <source>Your documents are still being indexed. Results appear here by themselves.</source>
        <translation>Ihre Dokumente werden noch gelesen. Treffer erscheinen hier von selbst.</translation>
    </message>
    <message>
        <source>No document of these filters has what you look for.</source>
        <translation>Kein Dokument unter diesen Filtern hat, was Sie suchen.</translation>
    </message>
    <message>
        <source>Filters: {}</source>
        <translation>Filter: {}</translation>
    </message>
    <message>
        <source>No document has these words.
Searching by meaning finds other words for the same thing.</source>
        <translation>Kein Dokument hat diese Wörter.
Die Suche nach Bedeutung findet andere Wörter für dasselbe.</translation>
    </message>
    <message>
        <source>Try other words, or add the folder that holds what you look for.</source>
        <translation>Versuchen Sie andere Wörter, oder fügen Sie den Ordner hinzu, in dem liegt, was Sie suchen.</translation>
    </message>
    <message>
        <source>Window</source>
        <extracomment>When a change counts. Settings that count at once, and those that the open library keeps until the next start; what jobs go by counts from the next job on. Texts for which something is found where nothing is written; of others the desktop has its own. Settings that name a model of this kind.</extracomment>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Libraries with their index, history, saved searches and judgements</source>
        <translation>Bibliotheken mit Index, Verlauf, gespeicherten Suchen und Urteilen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Downloads of models</source>
        <translation>Heruntergeladenes von Modellen</translation>
    </message>
    <message>
        <source>What is needed to learn my documents</source>
        <translation>Was zum Lernen meiner Dokumente gebraucht wird</translation>
    </message>
    <message>
        <source>Text of pictures and scanned pages</source>
        <translation>Text von Bildern und gescannten Seiten</translation>
    </message>
    <message>
        <source>Settings, logs and copies</source>
        <translation>Einstellungen, Protokolle und Kopien</translation>
    </message>
    <message>
        <source>Stays, for it is not Findling&apos;s: {}</source>
        <translation>Bleibt, denn es ist nicht von Findling: {}</translation>
    </message>
    <message>
        <source>Stays, for it is a link: {}</source>
        <translation>Bleibt, denn es ist eine Verknüpfung: {}</translation>
    </message>
    <message>
        <source>Stays, for a folder that you search lies in it: {}</source>
        <translation>Bleibt, denn darin liegt ein Ordner, den Sie durchsuchen: {}</translation>
    </message>
    <message>
        <source>Could not be removed: {}</source>
        <translation>Ließ sich nicht entfernen: {}</translation>
    </message>
    <message>
        <source>Stays, for it lies elsewhere; to remove it, delete its library first: {}</source>
        <translation>Bleibt, denn es liegt anderswo; um es zu entfernen, löschen Sie zuerst seine Bibliothek: {}</translation>
    </message>
    <message>
        <source>Reading files</source>
        <translation>Dateien lesen</translation>
    </message>
    <message>
        <source>Opening files</source>
        <translation>Dateien öffnen</translation>
    </message>
    <message>
        <source>How hard this computer works</source>
        <translation>Wie viel dieser Computer arbeitet</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Size of letters</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Stay in the tray</source>
        <translation>Im Infobereich bleiben</translation>
    </message>
    <message>
        <source>A key for the search box</source>
        <translation>Eine Taste für das Suchfeld</translation>
    </message>
    <message>
        <source>Remember what I ask</source>
        <translation>Merken, was ich frage</translation>
    </message>
    <message>
        <source>Search model of new libraries</source>
        <translation>Suchmodell neuer Bibliotheken</translation>
    </message>
    <message>
        <source>Second look at the best results</source>
        <translation>Zweiter Blick auf die besten Treffer</translation>
    </message>
    <message>
        <source>Language model that writes questions</source>
        <translation>Sprachmodell, das Fragen schreibt</translation>
    </message>
    <message>
        <source>Keep up to date</source>
        <translation>Aktuell halten</translation>
    </message>
    <message>
        <source>Largest file that is read</source>
        <translation>Größte Datei, die gelesen wird</translation>
    </message>
    <message>
        <source>Longest time for one file</source>
        <translation>Längste Zeit für eine Datei</translation>
    </message>
    <message>
        <source>Most memory for one file</source>
        <translation>Größter Speicher für eine Datei</translation>
    </message>
    <message>
        <source>Text of scanned pages and pictures</source>
        <translation>Text gescannter Seiten und Bilder</translation>
    </message>
    <message>
        <source>Languages of scanned pages</source>
        <translation>Sprachen gescannter Seiten</translation>
    </message>
    <message>
        <source>PDF files</source>
        <translation>PDF-Dateien</translation>
    </message>
    <message>
        <source>Web pages</source>
        <translation>Webseiten</translation>
    </message>
    <message>
        <source>Texts</source>
        <translation>Texte</translation>
    </message>
    <message>
        <source>Search model runs on</source>
        <translation>Suchmodell läuft auf</translation>
    </message>
    <message>
        <source>Threads of the search model</source>
        <translation>Threads des Suchmodells</translation>
    </message>
    <message>
        <source>Threads of the language model</source>
        <translation>Threads des Sprachmodells</translation>
    </message>
    <message>
        <source>Processes that read files</source>
        <translation>Prozesse, die Dateien lesen</translation>
    </message>
    <message>
        <source>Passages embedded at once</source>
        <translation>Textstellen auf einmal</translation>
    </message>
    <message>
        <source>From the next start on.</source>
        <translation>Ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Findling goes on when its window is closed. Where the desktop has a tray.</source>
        <translation>Findling läuft weiter, wenn sein Fenster geschlossen ist. Wo die Arbeitsumgebung einen Infobereich hat.</translation>
    </message>
    <message>
        <source>It opens over whatever you do. The desktop asks you which key it is to be.</source>
        <translation>Es erscheint über allem, was Sie gerade tun. Die Arbeitsumgebung fragt Sie, welche Taste es sein soll.</translation>
    </message>
    <message>
        <source>On this computer alone. What is remembered already stays: Search, Clear History.</source>
        <translation>Nur auf diesem Computer. Schon Gemerktes bleibt: Suche, Verlauf löschen.</translation>
    </message>
    <message>
        <source>Libraries that are there keep theirs.</source>
        <translation>Vorhandene Bibliotheken behalten ihres.</translation>
    </message>
    <message>
        <source>Better results, a little later. From the next start on.</source>
        <translation>Bessere Treffer, etwas später. Ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Files are read again as they change, while the window is open.</source>
        <translation>Geänderte Dateien werden neu gelesen, solange das Fenster offen ist.</translation>
    </message>
    <message>
        <source>Larger files are skipped, and listed in the library.</source>
        <translation>Größere Dateien werden übersprungen und in der Bibliothek genannt.</translation>
    </message>
    <message>
        <source>Read last, when all else can be found already.</source>
        <translation>Wird zuletzt gelesen, wenn alles andere schon gefunden wird.</translation>
    </message>
    <message>
        <source>Codes with a space between, as: en de. Only Tesseract goes by them.</source>
        <translation>Kürzel mit Leerzeichen dazwischen, etwa: en de. Nur Tesseract richtet sich danach.</translation>
    </message>
    <message>
        <source>A command with {path} and {page}. Empty: the program of the desktop.</source>
        <translation>Ein Befehl mit {path} und {page}. Leer: das Programm des Systems.</translation>
    </message>
    <message>
        <source>A command with {uri}, which names the heading. Empty: the program of the desktop.</source>
        <translation>Ein Befehl mit {uri}, das die Überschrift nennt. Leer: das Programm des Systems.</translation>
    </message>
    <message>
        <source>A command with {path} and {line}. Empty: VISUAL, or the program of the desktop.</source>
        <translation>Ein Befehl mit {path} und {line}. Leer: VISUAL oder das Programm des Systems.</translation>
    </message>
    <message>
        <source>Automatic: the fastest that works here.</source>
        <translation>Automatisch: das Schnellste, das hier geht.</translation>
    </message>
    <message>
        <source>What a crash may lose: it is done again.</source>
        <translation>Was ein Absturz kosten kann: es wird wiederholt.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Not read</source>
        <translation>Nicht lesen</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keiner</translation>
    </message>
    <message>
        <source> s</source>
        <translation> s</translation>
    </message>
    <message>
        <source> MiB</source>
        <translation> MiB</translation>
    </message>
    <message>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>1 file</source>
        <translation>1 Datei</translation>
    </message>
    <message>
        <source>{} files</source>
        <translation>{} Dateien</translation>
    </message>
    <message>
        <source>1 document</source>
        <translation>1 Dokument</translation>
    </message>
    <message>
        <source>{} documents</source>
        <translation>{} Dokumente</translation>
    </message>
    <message>
        <source>1 passage</source>
        <translation>1 Textstelle</translation>
    </message>
    <message>
        <source>{} passages</source>
        <translation>{} Textstellen</translation>
    </message>
    <message>
        <source>1 result</source>
        <translation>1 Treffer</translation>
    </message>
    <message>
        <source>{} results</source>
        <translation>{} Treffer</translation>
    </message>
    <message>
        <source>1 search</source>
        <translation>1 Suche</translation>
    </message>
    <message>
        <source>{} searches</source>
        <translation>{} Suchen</translation>
    </message>
    <message>
        <source>a few seconds left</source>
        <translation>noch wenige Sekunden</translation>
    </message>
    <message>
        <source>about {} seconds left</source>
        <translation>noch etwa {} Sekunden</translation>
    </message>
    <message>
        <source>about a minute left</source>
        <translation>noch etwa eine Minute</translation>
    </message>
    <message>
        <source>about {} minutes left</source>
        <translation>noch etwa {} Minuten</translation>
    </message>
    <message>
        <source>about an hour left</source>
        <translation>noch etwa eine Stunde</translation>
    </message>
    <message>
        <source>about {} hours left</source>
        <translation>noch etwa {} Stunden</translation>
    </message>
    <message>
        <source>Something went wrong inside Findling.</source>
        <translation>In Findling ist etwas schiefgegangen.</translation>
    </message>
    <message>
        <source>{}. Please report this.</source>
        <translation>{}. Bitte melden Sie das.</translation>
    </message>
    <message>
        <source>Write questions</source>
        <extracomment>The step that a job&apos;s phase belongs to, where it is not that of the run&apos;s stage.</extracomment>
        <translation>Fragen schreiben</translation>
    </message>
    <message>
        <source>Look at them</source>
        <translation>Fragen ansehen</translation>
    </message>
    <message>
        <source>Set aside a test</source>
        <translation>Prüfung beiseitelegen</translation>
    </message>
    <message>
        <source>Learn</source>
        <translation>Lernen</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Waits for you</source>
        <translation>Wartet auf Sie</translation>
    </message>
    <message>
        <source>Not finished</source>
        <translation>Nicht beendet</translation>
    </message>
    <message>
        <source>Collecting what your documents say themselves</source>
        <translation>Sammelt, was Ihre Dokumente selbst sagen</translation>
    </message>
    <message>
        <source>Writing questions about your documents</source>
        <translation>Schreibt Fragen zu Ihren Dokumenten</translation>
    </message>
    <message>
        <source>Putting questions into other words</source>
        <translation>Fasst Fragen in andere Worte</translation>
    </message>
    <message>
        <source>Finding out what could be asked</source>
        <translation>Findet heraus, was man fragen könnte</translation>
    </message>
    <message>
        <source>Measuring how fast this computer learns</source>
        <translation>Misst, wie schnell dieser Computer lernt</translation>
    </message>
    <message>
        <source>Getting to know the language of your documents</source>
        <translation>Lernt die Sprache Ihrer Dokumente kennen</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>Lernt</translation>
    </message>
    <message>
        <source>Building the search model</source>
        <translation>Baut das Suchmodell</translation>
    </message>
    <message>
        <source>Reading the library with the tuned model</source>
        <translation>Liest die Bibliothek mit dem angepassten Modell</translation>
    </message>
    <message>
        <source>Weighing meaning against words</source>
        <translation>Wägt Bedeutung und Wörter ab</translation>
    </message>
    <message>
        <source>Comparing the tuned model with the present one</source>
        <translation>Vergleicht das angepasste Modell mit dem bisherigen</translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation>Schreibt den Bericht</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>Bereitet vor …</translation>
    </message>
    <message>
        <source>Preparing the test…</source>
        <translation>Bereitet die Prüfung vor …</translation>
    </message>
    <message>
        <source>pairs</source>
        <translation>Paaren</translation>
    </message>
    <message>
        <source>steps</source>
        <translation>Schritten</translation>
    </message>
    <message>
        <source>searches</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>passages</source>
        <translation>Textstellen</translation>
    </message>
    <message>
        <source>questions</source>
        <translation>Fragen</translation>
    </message>
    <message>
        <source>{} of {} {}</source>
        <translation>{} von {} {}</translation>
    </message>
    <message>
        <source>{} were not good enough</source>
        <translation>{} waren nicht gut genug</translation>
    </message>
    <message>
        <source>{} a minute</source>
        <translation>{} in der Minute</translation>
    </message>
    <message>
        <source>The tuned model is better</source>
        <translation>Das angepasste Modell ist besser</translation>
    </message>
    <message>
        <source>On questions about documents that it had not seen, it finds the right one more often.</source>
        <translation>Bei Fragen zu Dokumenten, die es nicht gesehen hatte, findet es öfter das richtige.</translation>
    </message>
    <message>
        <source>The tuned model is probably better</source>
        <translation>Das angepasste Modell ist wahrscheinlich besser</translation>
    </message>
    <message>
        <source>It found the right document more often, by a difference that could still be chance.</source>
        <translation>Es fand öfter das richtige Dokument; der Unterschied könnte noch Zufall sein.</translation>
    </message>
    <message>
        <source>Whether the tuned model is better cannot be told</source>
        <translation>Ob das angepasste Modell besser ist, lässt sich nicht sagen</translation>
    </message>
    <message>
        <source>There were too few questions to judge by. The present model stays.</source>
        <translation>Es gab zu wenige Fragen, um zu urteilen. Das bisherige Modell bleibt.</translation>
    </message>
    <message>
        <source>The present model stays</source>
        <translation>Das bisherige Modell bleibt</translation>
    </message>
    <message>
        <source>The tuned model was not better on questions about documents that it had not seen.</source>
        <translation>Das angepasste Modell war bei Fragen zu Dokumenten, die es nicht gesehen hatte, nicht besser.</translation>
    </message>
    <message>
        <source>{} (in use)</source>
        <translation>{} (in Gebrauch)</translation>
    </message>
    <message>
        <source>{} (built in)</source>
        <translation>{} (eingebaut)</translation>
    </message>
    <message>
        <source>question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>keywords</source>
        <translation>Stichwörter</translation>
    </message>
    <message>
        <source>statement</source>
        <translation>Aussage</translation>
    </message>
    <message>
        <source>title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>need</source>
        <translation>Anliegen</translation>
    </message>
    <message>
        <source>paraphrase</source>
        <translation>Umschreibung</translation>
    </message>
    <message>
        <source>other language</source>
        <translation>andere Sprache</translation>
    </message>
    <message>
        <source>heading</source>
        <translation>Überschrift</translation>
    </message>
    <message>
        <source>subject</source>
        <translation>Betreff</translation>
    </message>
    <message>
        <source>sentence</source>
        <translation>Satz</translation>
    </message>
    <message>
        <source>question and answer</source>
        <translation>Frage und Antwort</translation>
    </message>
    <message>
        <source>your own</source>
        <translation>Ihre eigene</translation>
    </message>
    <message>
        <source>Words alone</source>
        <translation>Nur Wörter</translation>
    </message>
    <message>
        <source>Meaning, before</source>
        <translation>Bedeutung, bisher</translation>
    </message>
    <message>
        <source>Meaning, tuned</source>
        <translation>Bedeutung, neu</translation>
    </message>
    <message>
        <source>Both, before</source>
        <translation>Beides, bisher</translation>
    </message>
    <message>
        <source>Both, tuned</source>
        <translation>Beides, neu</translation>
    </message>
    <message>
        <source>{} points</source>
        <translation>{} Punkte</translation>
    </message>
    <message>
        <source>about {} minutes</source>
        <translation>etwa {} Minuten</translation>
    </message>
    <message>
        <source>Back to search</source>
        <translation>Zurück zur Suche</translation>
    </message>
    <message>
        <source>It is indexed, and can be found.</source>
        <translation>Sie ist indiziert und kann gefunden werden.</translation>
    </message>
    <message>
        <source>It was skipped: {}.</source>
        <translation>Sie wurde übersprungen: {}.</translation>
    </message>
    <message>
        <source>It could not be read: {}.</source>
        <translation>Sie konnte nicht gelesen werden: {}.</translation>
    </message>
    <message>
        <source>It was not looked at yet. Update the index (F5).</source>
        <translation>Sie wurde noch nicht angesehen. Aktualisieren Sie den Index (F5).</translation>
    </message>
    <message>
        <source>It is a folder, and its files are looked at.</source>
        <translation>Das ist ein Ordner, und seine Dateien werden angesehen.</translation>
    </message>
    <message>
        <source>It is neither a file nor a folder.</source>
        <translation>Das ist weder eine Datei noch ein Ordner.</translation>
    </message>
    <message>
        <source>It lies in no folder of this library. Add its folder (Ctrl+O).</source>
        <translation>Sie liegt in keinem Ordner dieser Bibliothek. Fügen Sie ihren Ordner hinzu (Strg+O).</translation>
    </message>
    <message>
        <source>There is nothing at this path.</source>
        <translation>Unter diesem Pfad gibt es nichts.</translation>
    </message>
    <message>
        <source>A rule leaves it out.</source>
        <translation>Eine Regel lässt sie aus.</translation>
    </message>
    <message>
        <source>The index holds it until the next update.</source>
        <translation>Der Index behält sie bis zur nächsten Aktualisierung.</translation>
    </message>
    <message>
        <source>It is left out, because it is hidden, or lies in a hidden folder.</source>
        <translation>Sie wird ausgelassen, weil sie versteckt ist oder in einem versteckten Ordner liegt.</translation>
    </message>
    <message>
        <source>It is left out, because it is, or is reached by, a link to a folder.</source>
        <translation>Sie wird ausgelassen, weil sie eine Verknüpfung zu einem Ordner ist oder nur darüber zu erreichen ist.</translation>
    </message>
    <message>
        <source>It is left out, because no pattern of the library names it.</source>
        <translation>Sie wird ausgelassen, weil kein Muster der Bibliothek sie nennt.</translation>
    </message>
    <message>
        <source>It is left out by a pattern of the library: {}.</source>
        <translation>Ein Muster der Bibliothek lässt sie aus: {}.</translation>
    </message>
    <message>
        <source>It is left out, because this library does not read such files: {}.</source>
        <translation>Sie wird ausgelassen, weil diese Bibliothek solche Dateien nicht liest: {}.</translation>
    </message>
    <message>
        <source>It is left out by {} in {}.</source>
        <translation>Sie wird ausgelassen durch {} in {}.</translation>
    </message>
    <message>
        <source>All others</source>
        <translation>Alle anderen</translation>
    </message>
</context>
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Findling</source>
        <translation>Über Findling</translation>
    </message>
    <message>
        <source>Findling</source>
        <translation>Findling</translation>
    </message>
    <message>
        <source>Version {}</source>
        <translation>Version {}</translation>
    </message>
    <message>
        <source>Searches your own documents by meaning and by words.</source>
        <translation>Durchsucht Ihre eigenen Dokumente nach Bedeutung und nach Wörtern.</translation>
    </message>
    <message>
        <source>Nothing leaves this machine.</source>
        <translation>Nichts verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>Free software under the Apache License 2.0.</source>
        <translation>Freie Software unter der Apache-Lizenz 2.0.</translation>
    </message>
    <message>
        <source>Made of these parts…</source>
        <translation>Aus diesen Teilen gemacht …</translation>
    </message>
</context>
<context>
    <name>AddressDialog</name>
    <message>
        <source>Fetch the training component</source>
        <translation>Die Trainingskomponente holen</translation>
    </message>
    <message>
        <source>Findling connects to this address, and to where that leads, only this once. What comes from there becomes part of the program: take it from where you took Findling.</source>
        <translation>Findling verbindet sich mit dieser Adresse, und wohin sie führt, nur dieses eine Mal. Was von dort kommt, wird Teil des Programms: Holen Sie es, wo Sie Findling geholt haben.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Fetch and install</source>
        <translation>Holen und installieren</translation>
    </message>
</context>
<context>
    <name>BugDialog</name>
    <message>
        <source>Something went wrong inside Findling</source>
        <extracomment>What of a log tells where something happened, and nothing of what was in hand.</extracomment>
        <translation>In Findling ist etwas schiefgegangen</translation>
    </message>
    <message>
        <source>This is a fault of Findling and not yours. Your documents and your index are as they were. A report helps to mend it: it names versions and places in the program, and nothing of your documents. It is sent nowhere unless you send it.</source>
        <translation>Das ist ein Fehler von Findling und nicht Ihrer. Ihre Dokumente und Ihr Index sind, wie sie waren. Ein Bericht hilft, ihn zu beheben: Er nennt Versionen und Stellen im Programm und nichts aus Ihren Dokumenten. Er wird nirgendwohin geschickt, wenn nicht Sie ihn schicken.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Copy the report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>Changes</name>
    <message>
        <source>Which questions</source>
        <translation>Welche Fragen</translation>
    </message>
    <message>
        <source>Better</source>
        <translation>Besser</translation>
    </message>
    <message>
        <source>The tuned model puts the answer higher</source>
        <translation>Das angepasste Modell setzt die Antwort höher</translation>
    </message>
    <message>
        <source>Worse</source>
        <translation>Schlechter</translation>
    </message>
    <message>
        <source>The tuned model puts the answer lower</source>
        <translation>Das angepasste Modell setzt die Antwort tiefer</translation>
    </message>
    <message>
        <source>Questions that are answered otherwise</source>
        <translation>Fragen, die anders beantwortet werden</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Bisher</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>Angepasst</translation>
    </message>
    <message>
        <source>Better: {}</source>
        <translation>Besser: {}</translation>
    </message>
    <message>
        <source>Worse: {}</source>
        <translation>Schlechter: {}</translation>
    </message>
    <message>
        <source>not found</source>
        <translation>nicht gefunden</translation>
    </message>
    <message>
        <source>result {}</source>
        <translation>Treffer {}</translation>
    </message>
</context>
<context>
    <name>Chips</name>
    <message>
        <source>Filters</source>
        <extracomment>The place of the chip to take out.</extracomment>
        <translation>Filter</translation>
    </message>
</context>
<context>
    <name>ComponentCard</name>
    <message>
        <source>Learning needs one more part</source>
        <extracomment>Whether that is so is known now, or has changed. Nothing can be tuned yet.</extracomment>
        <translation>Zum Lernen fehlt noch ein Teil</translation>
    </message>
    <message>
        <source>What trains the search model is not part of this Findling, because of its size. It is one file of some 160 megabytes, which takes about 600 on the disk. It is kept with Findling&apos;s own data, and can be brought on a stick to a computer without a network.</source>
        <translation>Was das Suchmodell trainiert, liegt diesem Findling wegen seiner Größe nicht bei. Es ist eine Datei von etwa 160 Megabyte, die auf der Festplatte etwa 600 einnimmt. Sie wird bei Findlings eigenen Daten aufbewahrt und kann auf einem Stick zu einem Rechner ohne Netz gebracht werden.</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>Aus einer Datei …</translation>
    </message>
    <message>
        <source>From an address…</source>
        <translation>Von einer Adresse …</translation>
    </message>
    <message>
        <source>Progress of: {}</source>
        <translation>Fortschritt: {}</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Training component</source>
        <translation>Trainingskomponente</translation>
    </message>
    <message>
        <source>Install</source>
        <translation>Installieren</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird beendet …</translation>
    </message>
    <message>
        <source>The one that is here does not fit this Findling: {}.</source>
        <translation>Die vorhandene passt nicht zu diesem Findling: {}.</translation>
    </message>
    <message>
        <source>{} are here of an installation that was stopped: it goes on.</source>
        <translation>{} sind von einer abgebrochenen Installation da: Sie geht dort weiter.</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Unpacking</source>
        <translation>Entpacken</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} von {}</translation>
    </message>
</context>
<context>
    <name>FilesModel</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>failed: {}</source>
        <translation>fehlgeschlagen: {}</translation>
    </message>
    <message>
        <source>skipped: {}</source>
        <translation>übersprungen: {}</translation>
    </message>
    <message>
        <source>indexed: {}</source>
        <translation>gelesen: {}</translation>
    </message>
</context>
<context>
    <name>FirstRunPage</name>
    <message>
        <source>Add a folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Try it with the sample documents</source>
        <translation>Mit den Beispieldokumenten ausprobieren</translation>
    </message>
    <message>
        <source>Findling</source>
        <translation>Findling</translation>
    </message>
    <message>
        <source>Find what you mean in your own documents, by meaning and by words.</source>
        <translation>Finden Sie in Ihren Dokumenten, was Sie meinen: nach Bedeutung und nach Wörtern.</translation>
    </message>
    <message>
        <source>or drop a folder here</source>
        <translation>oder ziehen Sie einen Ordner hierher</translation>
    </message>
    <message>
        <source>Nothing leaves this machine: your documents are read, indexed and searched here.</source>
        <translation>Nichts verlässt diesen Computer: Ihre Dokumente werden hier gelesen und durchsucht.</translation>
    </message>
</context>
<context>
    <name>FormattedText</name>
    <message>
        <source>Document with its headings, lists and tables</source>
        <extracomment>Characters of a document to either side of the passage at first, and added by &quot;show more&quot;: what is laid out within two or three frames. What stands for a picture in the text of a block. There may be code, or a quotation.</extracomment>
        <translation>Dokument mit Überschriften, Listen und Tabellen</translation>
    </message>
    <message>
        <source>picture</source>
        <translation>Bild</translation>
    </message>
</context>
<context>
    <name>Growing</name>
    <message>
        <source>Show more above</source>
        <translation>Mehr davor zeigen</translation>
    </message>
    <message>
        <source>Show more below</source>
        <translation>Mehr danach zeigen</translation>
    </message>
</context>
<context>
    <name>GuideDialog</name>
    <message>
        <source>Guide</source>
        <translation>Anleitung</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Earlier runs</source>
        <extracomment>Run, all four.</extracomment>
        <translation>Frühere Läufe</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>In Gebrauch</translation>
    </message>
    <message>
        <source>Look at the questions</source>
        <translation>Fragen ansehen</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Go back to the former model</source>
        <translation>Zurück zum früheren Modell</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>HitActions</name>
    <message>
        <source>Noted: this answers “{}”</source>
        <extracomment>A few words for the status bar.</extracomment>
        <translation>Vermerkt: das beantwortet „{}“</translation>
    </message>
    <message>
        <source>Noted: this does not answer “{}”</source>
        <translation>Vermerkt: das beantwortet „{}“ nicht</translation>
    </message>
    <message>
        <source>Taken back what was said for “{}”</source>
        <translation>Zurückgenommen, was zu „{}“ gesagt war</translation>
    </message>
    <message>
        <source>Type a search first, then save it</source>
        <translation>Tippen Sie zuerst eine Suche, dann sichern Sie sie</translation>
    </message>
    <message>
        <source>Save this search</source>
        <translation>Diese Suche sichern</translation>
    </message>
    <message>
        <source>Name of the search “{}”:</source>
        <translation>Name der Suche „{}“:</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Sichern</translation>
    </message>
    <message>
        <source>Saved as “{}”</source>
        <translation>Gesichert als „{}“</translation>
    </message>
    <message>
        <source>Clear history</source>
        <translation>Verlauf löschen</translation>
    </message>
    <message>
        <source>Forget all that was asked in this library?</source>
        <translation>Alles vergessen, was in dieser Bibliothek gefragt wurde?</translation>
    </message>
    <message>
        <source>Saved searches and judgements stay.</source>
        <translation>Gesicherte Suchen und Urteile bleiben.</translation>
    </message>
    <message>
        <source>Clear History</source>
        <translation>Verlauf löschen</translation>
    </message>
    <message>
        <source>Forgotten: {}</source>
        <translation>Vergessen: {}</translation>
    </message>
    <message>
        <source>The saved search “{}” is removed</source>
        <translation>Die gesicherte Suche „{}“ ist entfernt</translation>
    </message>
</context>
<context>
    <name>HitDelegate</name>
    <message>
        <source>Also at </source>
        <extracomment>Of results that belong to what was asked before. Whether the rows belong to what was asked before.</extracomment>
        <translation>Auch auf </translation>
    </message>
</context>
<context>
    <name>HitsModel</name>
    <message>
        <source>answers</source>
        <extracomment>Share of the best hit&apos;s score, 0 … 1. What the person said of the passage: 1 answers, 0 does not; None for nothing. The further places of the document that have a name, as (number of the place, its name). Which place of a document is shown, where it is not the best: 1 is the first of `Hit.others`.</extracomment>
        <translation>beantwortet es</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>beantwortet es nicht</translation>
    </message>
    <message>
        <source>also at {}</source>
        <translation>auch auf {}</translation>
    </message>
    <message>
        <source>Nearly the same:</source>
        <translation>Fast gleich:</translation>
    </message>
    <message>
        <source>{} more nearly the same</source>
        <translation>{} weitere fast gleiche</translation>
    </message>
</context>
<context>
    <name>IndexBar</name>
    <message>
        <source>Indexing</source>
        <extracomment>The outcome of a run that nobody asked for stays so long. The person wants to see the files that were left out.</extracomment>
        <translation>Wird gelesen</translation>
    </message>
    <message>
        <source>Progress of the index</source>
        <translation>Fortschritt des Lesens</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Show files left out</source>
        <translation>Ausgelassene Dateien zeigen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>Bereitet vor …</translation>
    </message>
    <message>
        <source>Looking for files…</source>
        <translation>Sucht Dateien …</translation>
    </message>
    <message>
        <source>Reading scanned pages</source>
        <translation>Eingescannte Seiten werden gelesen</translation>
    </message>
    <message>
        <source>Finishing…</source>
        <translation>Schließt ab …</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} von {}</translation>
    </message>
    <message>
        <source>{} files/s</source>
        <translation>{} Dateien/s</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>What has been indexed so far can be searched.</source>
        <translation>Was bisher gelesen ist, kann durchsucht werden.</translation>
    </message>
    <message>
        <source>Being updated elsewhere</source>
        <translation>Wird woanders aktualisiert</translation>
    </message>
    <message>
        <source>Another Findling is updating this library. Search goes on working here.</source>
        <translation>Ein anderes Findling aktualisiert diese Bibliothek. Die Suche geht hier weiter.</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Indexing failed</source>
        <translation>Das Lesen ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Nothing had changed</source>
        <translation>Nichts hatte sich geändert</translation>
    </message>
    <message>
        <source>{} failed</source>
        <translation>{} fehlgeschlagen</translation>
    </message>
    <message>
        <source>{} skipped</source>
        <translation>{} übersprungen</translation>
    </message>
    <message>
        <source> · not found: {}</source>
        <translation> · nicht gefunden: {}</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird beendet …</translation>
    </message>
</context>
<context>
    <name>IndexDialog</name>
    <message>
        <source>The index of this library</source>
        <translation>Der Index dieser Bibliothek</translation>
    </message>
    <message>
        <source>A generation is all documents as one model sees them. The one that answered before is kept, so that there is a way back.</source>
        <translation>Eine Generation sind alle Dokumente, wie ein Modell sie sieht. Die, die vorher geantwortet hat, wird behalten, damit es einen Weg zurück gibt.</translation>
    </message>
    <message>
        <source>answers searches</source>
        <translation>beantwortet die Suchen</translation>
    </message>
    <message>
        <source>is being built</source>
        <translation>wird aufgebaut</translation>
    </message>
    <message>
        <source>answered before</source>
        <translation>hat vorher geantwortet</translation>
    </message>
    <message>
        <source>Go back to it</source>
        <translation>Zu ihr zurück</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>on this computer</source>
        <translation>auf diesem Computer</translation>
    </message>
    <message>
        <source>{} in all, {}</source>
        <translation>{} insgesamt, {}</translation>
    </message>
    <message>
        <source>{}: {}</source>
        <translation>{}: {}</translation>
    </message>
    <message>
        <source>Go back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Let {} answer searches again?</source>
        <translation>Soll {} wieder die Suchen beantworten?</translation>
    </message>
    <message>
        <source>At once. What has changed since is read by the next update.</source>
        <translation>Sofort. Was sich seither geändert hat, liest die nächste Aktualisierung.</translation>
    </message>
    <message>
        <source>Go Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Delete a generation</source>
        <translation>Eine Generation löschen</translation>
    </message>
    <message>
        <source>Delete {}?</source>
        <translation>{} löschen?</translation>
    </message>
    <message>
        <source>Its room on the disk comes back. There is no way back to it then.</source>
        <translation>Ihr Platz auf der Festplatte wird frei. Einen Weg zurück zu ihr gibt es dann nicht mehr.</translation>
    </message>
    <message>
        <source>Delete It</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>JobRow</name>
    <message>
        <source>Progress of: {}</source>
        <extracomment>It is shown from now on, or is not.</extracomment>
        <translation>Fortschritt: {}</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weiter</translation>
    </message>
</context>
<context>
    <name>JobsButton</name>
    <message>
        <source>Work in the background (Ctrl+B)</source>
        <translation>Arbeit im Hintergrund (Strg+B)</translation>
    </message>
    <message>
        <source>1 job</source>
        <translation>1 Auftrag</translation>
    </message>
    <message>
        <source>{} jobs</source>
        <translation>{} Aufträge</translation>
    </message>
</context>
<context>
    <name>JobsPanel</name>
    <message>
        <source>Work in the background</source>
        <extracomment>How many jobs work now.</extracomment>
        <translation>Arbeit im Hintergrund</translation>
    </message>
    <message>
        <source>Updating the index</source>
        <translation>Index wird aktualisiert</translation>
    </message>
    <message>
        <source>Learning your documents</source>
        <translation>Ihre Dokumente werden gelernt</translation>
    </message>
    <message>
        <source>Preparing a model</source>
        <translation>Ein Modell wird vorbereitet</translation>
    </message>
    <message>
        <source>Drawing the map</source>
        <translation>Die Karte wird gezeichnet</translation>
    </message>
    <message>
        <source>Installing a component</source>
        <translation>Komponente wird installiert</translation>
    </message>
    <message>
        <source>Nothing is being done.</source>
        <translation>Gerade läuft nichts.</translation>
    </message>
</context>
<context>
    <name>LibrariesMenu</name>
    <message>
        <source>&amp;Libraries</source>
        <extracomment>The name of the library that shall be shown. The name of the library that shall be deleted.</extracomment>
        <translation>&amp;Bibliotheken</translation>
    </message>
    <message>
        <source>&amp;New Library…</source>
        <translation>&amp;Neue Bibliothek …</translation>
    </message>
    <message>
        <source>&amp;Delete</source>
        <translation>&amp;Löschen</translation>
    </message>
</context>
<context>
    <name>LibraryActions</name>
    <message>
        <source>Show another library</source>
        <extracomment>The name of a library that shall be shown instead, and the model that it is made with, or &quot;&quot;.</extracomment>
        <translation>Eine andere Bibliothek zeigen</translation>
    </message>
    <message>
        <source>Findling is at work on this library. Show {} now?</source>
        <translation>Findling arbeitet gerade an dieser Bibliothek. Jetzt {} zeigen?</translation>
    </message>
    <message>
        <source>The work stops, and goes on when you come back to this library.</source>
        <translation>Die Arbeit hält an und geht weiter, wenn Sie zu dieser Bibliothek zurückkommen.</translation>
    </message>
    <message>
        <source>Show It</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Delete a library</source>
        <translation>Eine Bibliothek löschen</translation>
    </message>
    <message>
        <source>Delete the library {}?</source>
        <translation>Die Bibliothek {} löschen?</translation>
    </message>
    <message>
        <source>Its index, its history and its judgements go. Your files stay as they are.</source>
        <translation>Ihr Index, ihr Verlauf und ihre Bewertungen gehen verloren. Ihre Dateien bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Delete It</source>
        <translation>Löschen</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message>
        <source>Back to the search (Esc)</source>
        <translation>Zurück zur Suche (Esc)</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Update index</source>
        <translation>Index aktualisieren</translation>
    </message>
    <message>
        <source>Read new and changed files (F5)</source>
        <translation>Neue und geänderte Dateien lesen (F5)</translation>
    </message>
    <message>
        <source>Keep up to date</source>
        <translation>Aktuell halten</translation>
    </message>
    <message>
        <source>Read files again as soon as they are changed, while this window is open</source>
        <translation>Dateien neu lesen, sobald sie sich ändern, solange dieses Fenster offen ist</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Search the chosen folder no more; its files stay as they are</source>
        <translation>Den gewählten Ordner nicht mehr durchsuchen; seine Dateien bleiben, wie sie sind</translation>
    </message>
    <message>
        <source>Which files…</source>
        <translation>Welche Dateien …</translation>
    </message>
    <message>
        <source>Which files below these folders are looked at</source>
        <translation>Welche Dateien in diesen Ordnern angesehen werden</translation>
    </message>
    <message>
        <source>Index…</source>
        <translation>Index …</translation>
    </message>
    <message>
        <source>The model of the index, its size, and the way back</source>
        <translation>Das Modell des Index, seine Größe und der Weg zurück</translation>
    </message>
    <message>
        <source>Why is a file not found?</source>
        <translation>Warum wird eine Datei nicht gefunden?</translation>
    </message>
    <message>
        <source>Folders of the library</source>
        <translation>Ordner der Bibliothek</translation>
    </message>
    <message>
        <source>Filter by name, folder or reason</source>
        <translation>Nach Name, Ordner oder Grund filtern</translation>
    </message>
    <message>
        <source>Filter the files</source>
        <translation>Dateien filtern</translation>
    </message>
    <message>
        <source>Which files</source>
        <translation>Welche Dateien</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>All files that were looked at</source>
        <translation>Alle Dateien, die angesehen wurden</translation>
    </message>
    <message>
        <source>Indexed</source>
        <translation>Gelesen</translation>
    </message>
    <message>
        <source>Files that can be found</source>
        <translation>Dateien, die gefunden werden können</translation>
    </message>
    <message>
        <source>Skipped</source>
        <translation>Übersprungen</translation>
    </message>
    <message>
        <source>Files of kinds that are not read</source>
        <translation>Dateien von Arten, die nicht gelesen werden</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Files that could not be read</source>
        <translation>Dateien, die nicht gelesen werden konnten</translation>
    </message>
    <message>
        <source>Try failed files again</source>
        <translation>Fehlgeschlagene noch einmal versuchen</translation>
    </message>
    <message>
        <source>Files of the library</source>
        <translation>Dateien der Bibliothek</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Leave a folder out</source>
        <translation>Ordner auslassen</translation>
    </message>
    <message>
        <source>Search {} no more?</source>
        <translation>{} nicht mehr durchsuchen?</translation>
    </message>
    <message>
        <source>Its files stay as they are. It can be added again at any time.</source>
        <translation>Seine Dateien bleiben, wie sie sind. Er kann jederzeit wieder hinzugefügt werden.</translation>
    </message>
    <message>
        <source>Leave It Out</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Looking for changes…</source>
        <translation>Sucht nach Änderungen …</translation>
    </message>
    <message>
        <source>Watching for changes</source>
        <translation>Achtet auf Änderungen</translation>
    </message>
    <message>
        <source>Another Findling is updating this library. Watching goes on when it has finished.</source>
        <translation>Ein anderes Findling aktualisiert diese Bibliothek. Danach wird wieder auf Änderungen geachtet.</translation>
    </message>
    <message>
        <source>Changes are not watched until the next update</source>
        <translation>Bis zur nächsten Aktualisierung wird nicht auf Änderungen geachtet</translation>
    </message>
    <message>
        <source>{} shown</source>
        <translation>{} gezeigt</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>No program opens {}</source>
        <extracomment>Everything is given back: the process may end. The name of a library that shall be shown instead, and the model that it is made with, or &quot;&quot;. Whether closing the window leaves Findling where it can be called back.</extracomment>
        <translation>Kein Programm öffnet {}</translation>
    </message>
    <message>
        <source>Add a folder to search</source>
        <translation>Ordner zum Durchsuchen hinzufügen</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>The folder cannot be shown</source>
        <translation>Der Ordner kann nicht gezeigt werden</translation>
    </message>
    <message>
        <source>Path copied: {}</source>
        <translation>Pfad kopiert: {}</translation>
    </message>
    <message>
        <source>{} is not there any more. F5 updates the index.</source>
        <translation>{} ist nicht mehr da. F5 aktualisiert den Index.</translation>
    </message>
    <message>
        <source>{} on {}</source>
        <translation>{} auf {}</translation>
    </message>
    <message>
        <source>Indexing: {}</source>
        <translation>Lesen: {}</translation>
    </message>
    <message>
        <source>Questions: {}</source>
        <translation>Fragen: {}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
</context>
<context>
    <name>MapPage</name>
    <message>
        <source>Back to search</source>
        <extracomment>A search by meaning puts nearly all of a small library in order: what has a smaller share of the best one&apos;s score is not said to be found. Of a query that is repeated in words. Path of a document&apos;s file. Id and title of a document that others shall be found to. What is searched for from now on.</extracomment>
        <translation>Zurück zur Suche</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>Alles zeigen</translation>
    </message>
    <message>
        <source>Draw again</source>
        <translation>Neu zeichnen</translation>
    </message>
    <message>
        <source>Map of the library</source>
        <translation>Karte der Bibliothek</translation>
    </message>
    <message>
        <source>Each point is a document, and what is near in meaning lies near. Arrow keys go from point to point, plus and minus zoom, 0 shows all, Return opens.</source>
        <translation>Jeder Punkt ist ein Dokument, und was in der Bedeutung nahe ist, liegt nahe. Pfeiltasten gehen von Punkt zu Punkt, Plus und Minus vergrößern und verkleinern, 0 zeigt alles, die Eingabetaste öffnet.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Thema</translation>
    </message>
    <message>
        <source>Colours by what documents are about</source>
        <translation>Farben nach dem, wovon Dokumente handeln</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Colours by the folder that documents are in</source>
        <translation>Farben nach dem Ordner der Dokumente</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Colours by the kind of file</source>
        <translation>Farben nach der Art der Datei</translation>
    </message>
    <message>
        <source>Search, and see where it lies…</source>
        <translation>Suchen und sehen, wo es liegt …</translation>
    </message>
    <message>
        <source>Search: what is found lights up on the map</source>
        <translation>Suche: Gefundenes leuchtet auf der Karte auf</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird beendet …</translation>
    </message>
    <message>
        <source>Drawing the map</source>
        <translation>Die Karte wird gezeichnet</translation>
    </message>
    <message>
        <source>Reading what the index holds</source>
        <translation>Liest, was der Index enthält</translation>
    </message>
    <message>
        <source>Putting like to like</source>
        <translation>Legt Ähnliches zu Ähnlichem</translation>
    </message>
    <message>
        <source>Finding names for the subjects</source>
        <translation>Sucht Namen für die Themen</translation>
    </message>
    <message>
        <source>The library is searched with another model since this was drawn.</source>
        <translation>Seit dies gezeichnet wurde, wird die Bibliothek mit einem anderen Modell durchsucht.</translation>
    </message>
    <message>
        <source>The library has changed since this was drawn: {} new, {} gone.</source>
        <translation>Seit dies gezeichnet wurde, hat sich die Bibliothek geändert: {} neu, {} fort.</translation>
    </message>
    <message>
        <source>The map is being drawn</source>
        <translation>Die Karte wird gezeichnet</translation>
    </message>
    <message>
        <source>Each document becomes a point, near to those that are like it.</source>
        <translation>Jedes Dokument wird ein Punkt, nahe bei denen, die ihm ähnlich sind.</translation>
    </message>
    <message>
        <source>There is nothing to draw yet</source>
        <translation>Noch gibt es nichts zu zeichnen</translation>
    </message>
    <message>
        <source>Add a folder with documents, and come back when they are indexed.</source>
        <translation>Fügen Sie einen Ordner mit Dokumenten hinzu, und kommen Sie wieder, wenn sie indiziert sind.</translation>
    </message>
    <message>
        <source>There is no map yet</source>
        <translation>Noch gibt es keine Karte</translation>
    </message>
    <message>
        <source>It shows each document as a point, near to those that are like it.</source>
        <translation>Sie zeigt jedes Dokument als Punkt, nahe bei denen, die ihm ähnlich sind.</translation>
    </message>
    <message>
        <source>Draw the map</source>
        <translation>Karte zeichnen</translation>
    </message>
    <message>
        <source>{} of {} lit for “{}”</source>
        <translation>{} von {} leuchten für „{}“</translation>
    </message>
    <message>
        <source>{} of {} stand out</source>
        <translation>{} von {} hervorgehoben</translation>
    </message>
</context>
<context>
    <name>Maps</name>
    <message>
        <source>Points that are near are near in meaning. Arrow keys go from point to point.</source>
        <translation>Punkte, die nahe beieinander liegen, sind einander in der Bedeutung nahe. Pfeiltasten gehen von Punkt zu Punkt.</translation>
    </message>
    <message>
        <source>Map before tuning</source>
        <translation>Karte vor dem Lernen</translation>
    </message>
    <message>
        <source>Map after tuning</source>
        <translation>Karte nach dem Lernen</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>Bisher</translation>
    </message>
    <message>
        <source>Tuned</source>
        <translation>Angepasst</translation>
    </message>
    <message>
        <source>{} as points: what is near in meaning lies near. {} % of the neighbours have stayed.</source>
        <translation>{} als Punkte: Was in der Bedeutung nahe ist, liegt nahe. {} % der Nachbarn sind geblieben.</translation>
    </message>
    <message>
        <source>No point is chosen.</source>
        <translation>Kein Punkt ist gewählt.</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;Add Folder…</source>
        <translation>Ordner &amp;hinzufügen …</translation>
    </message>
    <message>
        <source>&amp;Update Index</source>
        <translation>Index &amp;aktualisieren</translation>
    </message>
    <message>
        <source>&amp;Keep Up to Date</source>
        <translation>Aktuell &amp;halten</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>&amp;Open</source>
        <translation>Ö&amp;ffnen</translation>
    </message>
    <message>
        <source>&amp;Show in Folder</source>
        <translation>Im &amp;Ordner zeigen</translation>
    </message>
    <message>
        <source>&amp;Copy Path</source>
        <translation>&amp;Pfad kopieren</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>&amp;Suche</translation>
    </message>
    <message>
        <source>&amp;Library</source>
        <translation>&amp;Bibliothek</translation>
    </message>
    <message>
        <source>Learn &amp;My Documents</source>
        <translation>&amp;Meine Dokumente lernen</translation>
    </message>
    <message>
        <source>M&amp;odels</source>
        <translation>M&amp;odelle</translation>
    </message>
    <message>
        <source>S&amp;ettings</source>
        <translation>&amp;Einstellungen</translation>
    </message>
    <message>
        <source>Ma&amp;p</source>
        <translation>&amp;Karte</translation>
    </message>
    <message>
        <source>&amp;More Like This Passage</source>
        <translation>&amp;Ähnliche Textstellen</translation>
    </message>
    <message>
        <source>&amp;Related Documents</source>
        <translation>&amp;Verwandte Dokumente</translation>
    </message>
    <message>
        <source>This &amp;Answers It</source>
        <translation>Das be&amp;antwortet es</translation>
    </message>
    <message>
        <source>This Does &amp;Not</source>
        <translation>Das &amp;nicht</translation>
    </message>
    <message>
        <source>&amp;Save This Search…</source>
        <translation>Diese Suche &amp;sichern …</translation>
    </message>
    <message>
        <source>&amp;Remove Saved Search</source>
        <translation>Gesicherte Suche &amp;entfernen</translation>
    </message>
    <message>
        <source>&amp;Keep History</source>
        <translation>&amp;Verlauf behalten</translation>
    </message>
    <message>
        <source>&amp;Clear History…</source>
        <translation>Verlauf &amp;löschen …</translation>
    </message>
    <message>
        <source>&amp;Keyboard Shortcuts</source>
        <translation>&amp;Tastenkürzel</translation>
    </message>
    <message>
        <source>&amp;Guide</source>
        <translation>&amp;Anleitung</translation>
    </message>
    <message>
        <source>&amp;About Findling</source>
        <translation>&amp;Über Findling</translation>
    </message>
    <message>
        <source>Work in the &amp;Background</source>
        <translation>Arbeit im &amp;Hintergrund</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <extracomment>What can be done with the current hit.</extracomment>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>Colours of the &amp;System</source>
        <translation>Farben des S&amp;ystems</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Add from a folder…</source>
        <translation>Aus einem Ordner …</translation>
    </message>
    <message>
        <source>Add a GGUF file…</source>
        <translation>Eine GGUF-Datei …</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Models</source>
        <extracomment>By kind: &quot;embedder&quot;, &quot;reranker&quot;, &quot;generator&quot;.</extracomment>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>A download connects to the model hub, and it is the only thing here that connects at all. What was cut off goes on where it stopped.</source>
        <translation>Ein Download verbindet sich mit dem Modell-Hub; nichts anderes hier verbindet sich überhaupt. Was abbrach, geht weiter, wo es war.</translation>
    </message>
    <message>
        <source>Search models</source>
        <translation>Suchmodelle</translation>
    </message>
    <message>
        <source>They find passages by meaning, and can be tuned.</source>
        <translation>Sie finden Textstellen nach Bedeutung und lassen sich anpassen.</translation>
    </message>
    <message>
        <source>For a second look</source>
        <translation>Für den zweiten Blick</translation>
    </message>
    <message>
        <source>They put the best results in a better order.</source>
        <translation>Sie ordnen die besten Treffer besser.</translation>
    </message>
    <message>
        <source>Language models</source>
        <translation>Sprachmodelle</translation>
    </message>
    <message>
        <source>They write the questions that tuning learns from.</source>
        <translation>Sie schreiben die Fragen, aus denen gelernt wird.</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>A model&apos;s folder</source>
        <translation>Ordner eines Modells</translation>
    </message>
    <message>
        <source>A language model</source>
        <translation>Ein Sprachmodell</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird beendet …</translation>
    </message>
    <message>
        <source>Bringing {}</source>
        <translation>Holt {}</translation>
    </message>
    <message>
        <source>Measuring {}</source>
        <translation>Misst {}</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} von {}</translation>
    </message>
    <message>
        <source>{} a second</source>
        <translation>{} in der Sekunde</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>eingebaut</translation>
    </message>
    <message>
        <source>used by {}</source>
        <translation>verwendet von {}</translation>
    </message>
    <message>
        <source>chosen in the settings</source>
        <translation>in den Einstellungen gewählt</translation>
    </message>
    <message>
        <source>{}: {} passages a second here</source>
        <translation>{}: {} Textstellen in der Sekunde</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>Messen</translation>
    </message>
    <message>
        <source>Find out in which precision this computer runs it fastest</source>
        <translation>Herausfinden, in welcher Genauigkeit dieser Computer es am schnellsten ausführt</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>takes {} of memory</source>
        <translation>braucht {} Speicher</translation>
    </message>
    <message>
        <source>its licence has to be accepted on the hub</source>
        <translation>seine Lizenz muss auf dem Hub angenommen werden</translation>
    </message>
    <message>
        <source>Download {}</source>
        <translation>{} herunterladen</translation>
    </message>
</context>
<context>
    <name>NewLibrary</name>
    <message>
        <source>New library</source>
        <extracomment>A free name, and the id of an embedder.</extracomment>
        <translation>Neue Bibliothek</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Letters, for example</source>
        <translation>Zum Beispiel Briefe</translation>
    </message>
    <message>
        <source>Search model</source>
        <translation>Suchmodell</translation>
    </message>
    <message>
        <source>Make it</source>
        <translation>Anlegen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>A library has folders and an index of its own. One at a time is shown and searched.</source>
        <translation>Eine Bibliothek hat eigene Ordner und einen eigenen Index. Jeweils eine wird gezeigt und durchsucht.</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>{} can be searched.</source>
        <extracomment>What was over sooner needs no message. A title and a text.</extracomment>
        <translation>{} können durchsucht werden.</translation>
    </message>
    <message>
        <source>The index is up to date</source>
        <translation>Der Index ist aktuell</translation>
    </message>
    <message>
        <source>Indexing failed</source>
        <translation>Das Lesen ist fehlgeschlagen</translation>
    </message>
    <message>
        <source>It is your turn: look at what came of it.</source>
        <translation>Sie sind dran: Sehen Sie, was daraus geworden ist.</translation>
    </message>
    <message>
        <source>Learning your documents</source>
        <translation>Ihre Dokumente werden gelernt</translation>
    </message>
    <message>
        <source>Learning your documents failed</source>
        <translation>Ihre Dokumente konnten nicht gelernt werden</translation>
    </message>
    <message>
        <source>It can be used from now on.</source>
        <translation>Es kann von jetzt an benutzt werden.</translation>
    </message>
    <message>
        <source>The model is ready</source>
        <translation>Das Modell ist bereit</translation>
    </message>
    <message>
        <source>The model could not be brought</source>
        <translation>Das Modell konnte nicht geholt werden</translation>
    </message>
</context>
<context>
    <name>OutcomeCard</name>
    <message>
        <source>Use the tuned model</source>
        <extracomment>Run, all four; the last one is answered by `show_maps`. Made when there are some: it brings numpy, which the window does not wait for.</extracomment>
        <translation>Angepasstes Modell verwenden</translation>
    </message>
    <message>
        <source>Open the report</source>
        <translation>Bericht öffnen</translation>
    </message>
    <message>
        <source>Go back to the former model</source>
        <translation>Zurück zum früheren Modell</translation>
    </message>
    <message>
        <source>The tuned model is in use</source>
        <translation>Das angepasste Modell ist in Gebrauch</translation>
    </message>
    <message>
        <source>The library is being read anew…</source>
        <translation>Die Bibliothek wird neu gelesen …</translation>
    </message>
    <message>
        <source>How well each finds the right document (nDCG@10, of 100)</source>
        <translation>Wie gut jedes das richtige Dokument findet (nDCG@10, von 100)</translation>
    </message>
</context>
<context>
    <name>PagePicture</name>
    <message>
        <source>&amp;Copy</source>
        <extracomment>On white, in light and dark colours alike, and how strongly, 0 … 255: the letters have to be read through. Keys that move the end of the selection: by what, and which way. A place of it that is to be in sight. The page is wanted larger (1) or smaller (-1). Where the selection was begun, and where it has got to.</extracomment>
        <translation>&amp;Kopieren</translation>
    </message>
    <message>
        <source>Select &amp;All</source>
        <translation>&amp;Alles auswählen</translation>
    </message>
</context>
<context>
    <name>PageView</name>
    <message>
        <source>Page {} of {}</source>
        <extracomment>While a splitter is dragged, pages are not drawn anew for every pixel. What is selected and goes on beyond the view is so far in sight. Number of a page, and the width in pixels that it shall have.</extracomment>
        <translation>Seite {} von {}</translation>
    </message>
    <message>
        <source>Page before</source>
        <translation>Seite davor</translation>
    </message>
    <message>
        <source>Show the page before</source>
        <translation>Die Seite davor zeigen</translation>
    </message>
    <message>
        <source>Next page</source>
        <translation>Nächste Seite</translation>
    </message>
    <message>
        <source>Show the next page</source>
        <translation>Die nächste Seite zeigen</translation>
    </message>
    <message>
        <source>Smaller</source>
        <translation>Kleiner</translation>
    </message>
    <message>
        <source>Show the page smaller (Ctrl+wheel)</source>
        <translation>Die Seite kleiner zeigen (Strg+Rad)</translation>
    </message>
    <message>
        <source>Larger</source>
        <translation>Größer</translation>
    </message>
    <message>
        <source>Show the page larger (Ctrl+wheel)</source>
        <translation>Die Seite größer zeigen (Strg+Rad)</translation>
    </message>
    <message>
        <source>Page of the document</source>
        <translation>Seite des Dokuments</translation>
    </message>
</context>
<context>
    <name>PartsDialog</name>
    <message>
        <source>Parts of Findling</source>
        <translation>Teile von Findling</translation>
    </message>
    <message>
        <source>Parts, versions and licences</source>
        <translation>Teile, Versionen und Lizenzen</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
</context>
<context>
    <name>PassageText</name>
    <message>
        <source>Text of the document</source>
        <translation>Text des Dokuments</translation>
    </message>
</context>
<context>
    <name>PlanCard</name>
    <message>
        <source>Let me look at the questions before it learns</source>
        <extracomment>Stands for a generator: nothing is written. Arguments of `TuningWishes`.</extracomment>
        <translation>Ich möchte die Fragen ansehen, bevor gelernt wird</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Beginnen</translation>
    </message>
    <message>
        <source>Nobody: only what the documents say</source>
        <translation>Niemandem: nur was die Dokumente sagen</translation>
    </message>
    <message>
        <source>Add a folder first: there is nothing to learn from yet.</source>
        <translation>Fügen Sie zuerst einen Ordner hinzu: noch gibt es nichts zu lernen.</translation>
    </message>
    <message>
        <source>Titles, headings and sentences of the documents are learned from in any case.</source>
        <translation>Aus Titeln, Überschriften und Sätzen der Dokumente wird immer gelernt.</translation>
    </message>
    <message>
        <source>You can change and leave out questions, and add your own.</source>
        <translation>Sie können Fragen ändern, auslassen und eigene hinzufügen.</translation>
    </message>
    <message>
        <source>Search model that learns</source>
        <translation>Suchmodell, das lernt</translation>
    </message>
    <message>
        <source>Questions are written by</source>
        <translation>Fragen werden geschrieben von</translation>
    </message>
    <message>
        <source>How many questions</source>
        <translation>Wie viele Fragen</translation>
    </message>
    <message>
        <source>Minutes of training, at most</source>
        <translation>Minuten Training, höchstens</translation>
    </message>
    <message>
        <source>This takes {} on a computer with two cores, and some hundred megabytes of disk.</source>
        <translation>Das dauert {} auf einem Computer mit zwei Kernen und braucht einige hundert Megabyte.</translation>
    </message>
</context>
<context>
    <name>Popup</name>
    <message>
        <source>Completions</source>
        <translation>Vervollständigungen</translation>
    </message>
</context>
<context>
    <name>Presence</name>
    <message>
        <source>{} opens the search box.</source>
        <translation>{} öffnet das Suchfeld.</translation>
    </message>
    <message>
        <source>Choose the key in the desktop&apos;s settings.</source>
        <translation>Wählen Sie die Taste in den Einstellungen der Arbeitsumgebung.</translation>
    </message>
    <message>
        <source>This desktop gives no key. Its own settings can bind one to the command: {}</source>
        <translation>Diese Arbeitsumgebung vergibt keine Taste. In ihren eigenen Einstellungen lässt sich eine mit dem Befehl belegen: {}</translation>
    </message>
</context>
<context>
    <name>PreviewPane</name>
    <message>
        <source>Open</source>
        <extracomment>As it looks, on its page or with its headings and tables; or its text alone. After so long the text is shown until what was asked for is there. Who reads on still sees the last lines that were read. Where a link in a document leads.</extracomment>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open the file (Enter)</source>
        <translation>Datei öffnen (Eingabe)</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Show the file in its folder (Ctrl+Enter)</source>
        <translation>Datei im Ordner zeigen (Strg+Eingabe)</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Copy the file&apos;s path (Ctrl+Shift+C)</source>
        <translation>Pfad der Datei kopieren (Strg+Umschalt+C)</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>More like this, related documents, judgements</source>
        <translation>Ähnliches, verwandte Dokumente, Urteile</translation>
    </message>
    <message>
        <source>How to read it</source>
        <translation>Wie es zu lesen ist</translation>
    </message>
    <message>
        <source>Page</source>
        <translation>Seite</translation>
    </message>
    <message>
        <source>The text alone</source>
        <translation>Nur der Text</translation>
    </message>
    <message>
        <source>The page as it looks</source>
        <translation>Die Seite, wie sie aussieht</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Choose a result to read it here</source>
        <extracomment>Whether the page that is on its way is to be shown at the passage.</extracomment>
        <translation>Wählen Sie einen Treffer, um ihn hier zu lesen</translation>
    </message>
    <message>
        <source>Also in: {}</source>
        <translation>Auch in: {}</translation>
    </message>
    <message>
        <source>Nearly the same: {}</source>
        <translation>Fast gleich: {}</translation>
    </message>
    <message>
        <source>Why here? {}</source>
        <translation>Warum hier? {}</translation>
    </message>
    <message>
        <source>Formatted</source>
        <translation>Gestaltet</translation>
    </message>
    <message>
        <source>With its headings, lists and tables</source>
        <translation>Mit Überschriften, Listen und Tabellen</translation>
    </message>
    <message>
        <source>This document has just changed</source>
        <translation>Dieses Dokument hat sich gerade geändert</translation>
    </message>
    <message>
        <source>Its new text appears with the next results.</source>
        <translation>Sein neuer Text erscheint mit den nächsten Treffern.</translation>
    </message>
    <message>
        <source>The file has changed since it was indexed.</source>
        <translation>Die Datei hat sich geändert, seit sie indiziert wurde.</translation>
    </message>
    <message>
        <source>Only the text can be shown: {}</source>
        <translation>Nur der Text kann gezeigt werden: {}</translation>
    </message>
    <message>
        <source>The page cannot be shown: {}</source>
        <translation>Die Seite kann nicht gezeigt werden: {}</translation>
    </message>
</context>
<context>
    <name>QuickSearch</name>
    <message>
        <source>Search with Findling</source>
        <translation>Mit Findling suchen</translation>
    </message>
    <message>
        <source>Search your documents</source>
        <translation>Ihre Dokumente durchsuchen</translation>
    </message>
</context>
<context>
    <name>RemovalDialog</name>
    <message>
        <source>Remove all my data</source>
        <translation>Alle meine Daten entfernen</translation>
    </message>
    <message>
        <source>Keep the models, but none that learned from my documents</source>
        <translation>Modelle behalten, aber keines, das aus meinen Dokumenten gelernt hat</translation>
    </message>
    <message>
        <source>I understand that this cannot be brought back</source>
        <translation>Ich weiß, dass sich das nicht rückgängig machen lässt</translation>
    </message>
    <message>
        <source>Remove Everything</source>
        <translation>Alles entfernen</translation>
    </message>
    <message>
        <source>Removing</source>
        <translation>Wird entfernt</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>All that Findling has written on this computer goes, and Findling ends.</source>
        <translation>Alles, was Findling auf diesem Computer geschrieben hat, wird gelöscht. Danach endet Findling.</translation>
    </message>
    <message>
        <source>Your documents stay as they are, all of them.</source>
        <translation>Ihre Dokumente bleiben alle, wie sie sind.</translation>
    </message>
    <message>
        <source>Together</source>
        <translation>Zusammen</translation>
    </message>
    <message>
        <source>And {} more.</source>
        <translation>Und {} weitere.</translation>
    </message>
    <message>
        <source>Stopping what is at work …</source>
        <translation>Laufende Arbeit wird angehalten …</translation>
    </message>
    <message>
        <source>Removing …</source>
        <translation>Wird entfernt …</translation>
    </message>
    <message>
        <source>{} are free again.</source>
        <translation>{} sind wieder frei.</translation>
    </message>
    <message>
        <source>Not everything could be removed.</source>
        <translation>Nicht alles ließ sich entfernen.</translation>
    </message>
    <message>
        <source>All of it is gone. {}</source>
        <translation>Alles ist gelöscht. {}</translation>
    </message>
    <message>
        <source>Quit Findling</source>
        <translation>Findling beenden</translation>
    </message>
    <message>
        <source>Your documents are as they were.</source>
        <translation>Ihre Dokumente sind, wie sie waren.</translation>
    </message>
    <message>
        <source>Nothing was removed.</source>
        <translation>Nichts wurde entfernt.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ResultsView</name>
    <message>
        <source>Results</source>
        <extracomment>Hit, or None when nothing is current. The preview shall go on (1) or back (-1) by a page. The last rows are in sight. QKeyEvent of a character that belongs into the box. The place, in the screen&apos;s coordinates, where what can be done with the hit is wanted.</extracomment>
        <translation>Treffer</translation>
    </message>
    <message>
        <source>Enter opens the file, Ctrl+Enter shows it in its folder, Right goes to its next passage</source>
        <translation>Eingabe öffnet die Datei, Strg+Eingabe zeigt sie im Ordner, Rechts geht zur nächsten Textstelle</translation>
    </message>
</context>
<context>
    <name>ReviewCard</name>
    <message>
        <source>Which questions</source>
        <extracomment>Learn from these.</extracomment>
        <translation>Welche Fragen</translation>
    </message>
    <message>
        <source>Written</source>
        <translation>Geschrieben</translation>
    </message>
    <message>
        <source>By the language model, and by you</source>
        <translation>Vom Sprachmodell und von Ihnen</translation>
    </message>
    <message>
        <source>From the documents</source>
        <translation>Aus den Dokumenten</translation>
    </message>
    <message>
        <source>Titles, headings and sentences</source>
        <translation>Titel, Überschriften und Sätze</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Ausgelassen</translation>
    </message>
    <message>
        <source>What was not good enough, and what you left out</source>
        <translation>Was nicht gut genug war, und was Sie ausgelassen haben</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>More like this one</source>
        <translation>Mehr wie diese</translation>
    </message>
    <message>
        <source>Learn from these</source>
        <translation>Hieraus lernen</translation>
    </message>
    <message>
        <source>Filter by words</source>
        <translation>Nach Wörtern filtern</translation>
    </message>
    <message>
        <source>Filter the questions</source>
        <translation>Fragen filtern</translation>
    </message>
    <message>
        <source>The passage that answers</source>
        <translation>Die Textstelle, die antwortet</translation>
    </message>
    <message>
        <source>Ask a question of your own that this passage answers</source>
        <translation>Stellen Sie eine eigene Frage, die diese Textstelle beantwortet</translation>
    </message>
    <message>
        <source>Your own question</source>
        <translation>Ihre eigene Frage</translation>
    </message>
    <message>
        <source>Do not learn from the chosen question (Delete)</source>
        <translation>Aus der gewählten Frage nicht lernen (Entf)</translation>
    </message>
    <message>
        <source>Questions that are written in later runs will be like it</source>
        <translation>Fragen späterer Läufe werden ihr ähneln</translation>
    </message>
    <message>
        <source>Look at the questions</source>
        <translation>Fragen ansehen</translation>
    </message>
    <message>
        <source>Double-click a question to change it, and leave out what its passage does not answer. The passage of the chosen question stands below. Every change is kept at once.</source>
        <translation>Ein Doppelklick ändert eine Frage; lassen Sie aus, was die Textstelle nicht beantwortet. Die Textstelle der gewählten Frage steht darunter. Jede Änderung gilt sofort.</translation>
    </message>
    <message>
        <source>Questions to learn from</source>
        <translation>Fragen, aus denen gelernt wird</translation>
    </message>
    <message>
        <source>Learn from it</source>
        <translation>Daraus lernen</translation>
    </message>
    <message>
        <source>No longer like this</source>
        <translation>Nicht mehr wie diese</translation>
    </message>
</context>
<context>
    <name>ReviewModel</name>
    <message>
        <source>Why it is left out</source>
        <extracomment>A record, as `PairWriter.write` takes it.</extracomment>
        <translation>Warum sie ausgelassen ist</translation>
    </message>
    <message>
        <source>Answered by</source>
        <translation>Beantwortet von</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Frage</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
</context>
<context>
    <name>RulesDialog</name>
    <message>
        <source>Which files are looked at</source>
        <extracomment>Rules.</extracomment>
        <translation>Welche Dateien angesehen werden</translation>
    </message>
    <message>
        <source>Only files like these</source>
        <translation>Nur Dateien wie diese</translation>
    </message>
    <message>
        <source>No files or folders like these</source>
        <translation>Keine Dateien oder Ordner wie diese</translation>
    </message>
    <message>
        <source>Hidden files and folders, too</source>
        <translation>Auch versteckte Dateien und Ordner</translation>
    </message>
    <message>
        <source>Follow links to folders</source>
        <translation>Verknüpfungen zu Ordnern folgen</translation>
    </message>
    <message>
        <source>Obey .gitignore and .findlingignore files</source>
        <translation>.gitignore- und .findlingignore-Dateien beachten</translation>
    </message>
    <message>
        <source> MiB</source>
        <translation> MiB</translation>
    </message>
    <message>
        <source>as the settings say</source>
        <translation>wie in den Einstellungen</translation>
    </message>
    <message>
        <source>Largest file that is read</source>
        <translation>Größte Datei, die gelesen wird</translation>
    </message>
    <message>
        <source>Apply and update</source>
        <extracomment>By the name of the family, on for those that are read.</extracomment>
        <translation>Anwenden und aktualisieren</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>One pattern a line, as in .gitignore: *.tmp, /drafts/</source>
        <translation>Ein Muster je Zeile, wie in .gitignore: *.tmp, /entwürfe/</translation>
    </message>
    <message>
        <source>Only files like these (empty: all)</source>
        <translation>Nur Dateien wie diese (leer: alle)</translation>
    </message>
    <message>
        <source>Kinds of files that are read</source>
        <translation>Arten von Dateien, die gelesen werden</translation>
    </message>
</context>
<context>
    <name>SearchBox</name>
    <message>
        <source>Search</source>
        <extracomment>So many characters at once were not typed: they are a text to find more like it. A long text that was pasted; the box is as it was before. Text or cursor changed by the person&apos;s hand. The text as it was last told, and a long text pasted into it that is taken out again.</extracomment>
        <translation>Suche</translation>
    </message>
    <message>
        <source>Results appear as you type; Control and Space show completions</source>
        <translation>Treffer erscheinen beim Tippen; Strg und Leertaste zeigen Vervollständigungen</translation>
    </message>
    <message>
        <source>Search your documents: a question, a few words…</source>
        <translation>Durchsuchen Sie Ihre Dokumente: eine Frage, ein paar Wörter …</translation>
    </message>
    <message>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <source>Clear (Esc)</source>
        <translation>Leeren (Esc)</translation>
    </message>
</context>
<context>
    <name>SearchHeader</name>
    <message>
        <source>How to search</source>
        <translation>Wie gesucht wird</translation>
    </message>
    <message>
        <source>Best of both</source>
        <translation>Beides</translation>
    </message>
    <message>
        <source>By meaning and by words at once</source>
        <translation>Nach Bedeutung und nach Wörtern zugleich</translation>
    </message>
    <message>
        <source>Meaning</source>
        <translation>Bedeutung</translation>
    </message>
    <message>
        <source>What is meant, in whatever words</source>
        <translation>Was gemeint ist, in welchen Worten auch immer</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>Wörter</translation>
    </message>
    <message>
        <source>Documents with the words themselves</source>
        <translation>Dokumente mit den Wörtern selbst</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Folders and files of this library (Ctrl+2)</source>
        <translation>Ordner und Dateien dieser Bibliothek (Strg+2)</translation>
    </message>
</context>
<context>
    <name>SearchPage</name>
    <message>
        <source>Best first</source>
        <extracomment>A pause in typing of this length sends the query: two keys of a quick typist lie closer. So long after an answer the same is asked again, now for the sentences that are nearest in meaning. An answer that was looked at for so long is remembered. QPoint on the screen, for the menu of the current hit. Answer that is shown now. What the results, or the words in their place, answer; None where nothing is asked.</extracomment>
        <translation>Beste zuerst</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>Neueste zuerst</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>Nach Namen</translation>
    </message>
    <message>
        <source>Order of the results</source>
        <translation>Reihenfolge der Ergebnisse</translation>
    </message>
    <message>
        <source>In which order the best results are shown</source>
        <translation>In welcher Reihenfolge die besten Ergebnisse gezeigt werden</translation>
    </message>
    <message>
        <source>Like: {}</source>
        <translation>Wie: {}</translation>
    </message>
    <message>
        <source>Remove {}</source>
        <translation>{} entfernen</translation>
    </message>
    <message>
        <source>{} in {} ms</source>
        <translation>{} in {} ms</translation>
    </message>
    <message>
        <source>Search without filters</source>
        <translation>Ohne Filter suchen</translation>
    </message>
    <message>
        <source>Search by meaning</source>
        <translation>Nach Bedeutung suchen</translation>
    </message>
    <message>
        <source>Show the library</source>
        <translation>Bibliothek zeigen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Back to defaults</source>
        <extracomment>By the name of the setting.</extracomment>
        <translation>Zurück zu den Vorgaben</translation>
    </message>
    <message>
        <source>Remove all my data…</source>
        <translation>Alle meine Daten entfernen…</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>Weitere</translation>
    </message>
    <message>
        <source>My data</source>
        <translation>Meine Daten</translation>
    </message>
    <message>
        <source>All that Findling has written on this computer</source>
        <translation>Alles, was Findling auf diesem Computer geschrieben hat</translation>
    </message>
    <message>
        <source>Libraries, models, settings, history and logs. Your documents are not among it.</source>
        <translation>Bibliotheken, Modelle, Einstellungen, Verlauf und Protokolle. Ihre Dokumente gehören nicht dazu.</translation>
    </message>
    <message>
        <source>the desktop&apos;s own</source>
        <translation>das des Systems</translation>
    </message>
    <message>
        <source>Kept.</source>
        <translation>Gespeichert.</translation>
    </message>
    <message>
        <source>Kept. It counts from the next job on.</source>
        <translation>Gespeichert. Es gilt ab der nächsten Arbeit.</translation>
    </message>
    <message>
        <source>Kept. It counts when Findling is started again.</source>
        <translation>Gespeichert. Es gilt ab dem nächsten Start.</translation>
    </message>
    <message>
        <source>Give all settings their defaults?</source>
        <translation>Allen Einstellungen ihre Vorgaben geben?</translation>
    </message>
    <message>
        <source>Libraries, models and what was asked stay as they are.</source>
        <translation>Bibliotheken, Modelle und Gefragtes bleiben, wie sie sind.</translation>
    </message>
    <message>
        <source>Back to Defaults</source>
        <translation>Zurück zu den Vorgaben</translation>
    </message>
    <message>
        <source>All settings have their defaults.</source>
        <translation>Alle Einstellungen haben ihre Vorgaben.</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Go to the search box</source>
        <translation>Zum Suchfeld</translation>
    </message>
    <message>
        <source>Clear the search box; leave the library page</source>
        <translation>Suchfeld leeren; Bibliothek verlassen</translation>
    </message>
    <message>
        <source>From the box to the results</source>
        <translation>Vom Feld zu den Treffern</translation>
    </message>
    <message>
        <source>Completions; Down in the empty box: what was asked before</source>
        <translation>Vervollständigungen; Ab im leeren Feld: was früher gefragt wurde</translation>
    </message>
    <message>
        <source>At the top of the results: back to the box</source>
        <translation>Oben in den Treffern: zurück zum Feld</translation>
    </message>
    <message>
        <source>Open the file</source>
        <translation>Datei öffnen</translation>
    </message>
    <message>
        <source>Show the file in its folder</source>
        <translation>Datei im Ordner zeigen</translation>
    </message>
    <message>
        <source>Copy the file&apos;s path</source>
        <translation>Pfad der Datei kopieren</translation>
    </message>
    <message>
        <source>The document&apos;s next passage</source>
        <translation>Nächste Textstelle des Dokuments</translation>
    </message>
    <message>
        <source>Read on in the document; with Shift: back</source>
        <translation>Im Dokument weiterlesen; mit Umschalt: zurück</translation>
    </message>
    <message>
        <source>More like this passage; with Shift: related documents</source>
        <translation>Ähnliche Textstellen; mit Umschalt: verwandte Dokumente</translation>
    </message>
    <message>
        <source>This answers it; with Shift: this does not</source>
        <translation>Das beantwortet es; mit Umschalt: das nicht</translation>
    </message>
    <message>
        <source>Save this search</source>
        <translation>Diese Suche sichern</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Update the index</source>
        <translation>Index aktualisieren</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message>
        <source>Library: folders and files</source>
        <translation>Bibliothek: Ordner und Dateien</translation>
    </message>
    <message>
        <source>Learn my documents: tune the search to them</source>
        <translation>Meine Dokumente lernen: die Suche anpassen</translation>
    </message>
    <message>
        <source>Work in the background</source>
        <translation>Arbeit im Hintergrund</translation>
    </message>
    <message>
        <source>Models: which are here, and which can be downloaded</source>
        <translation>Modelle: welche da sind, und welche sich herunterladen lassen</translation>
    </message>
    <message>
        <source>Settings: all that can be changed</source>
        <translation>Einstellungen: alles, was sich ändern lässt</translation>
    </message>
    <message>
        <source>Map: the library as a picture</source>
        <translation>Karte: die Bibliothek als Bild</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>Side</name>
    <message>
        <source>Click a point to see which document it is. A double click opens it.</source>
        <translation>Klicken Sie auf einen Punkt, um zu sehen, welches Dokument es ist. Ein Doppelklick öffnet es.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Related documents</source>
        <translation>Verwandte Dokumente</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>1 copy</source>
        <translation>1 Kopie</translation>
    </message>
    <message>
        <source>{} copies</source>
        <translation>{} Kopien</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>&amp;Search…</source>
        <translation>&amp;Suchen …</translation>
    </message>
    <message>
        <source>&amp;Show Findling</source>
        <translation>&amp;Findling zeigen</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
</context>
<context>
    <name>TuningPage</name>
    <message>
        <source>Learn my documents</source>
        <extracomment>Path of a report.</extracomment>
        <translation>Meine Dokumente lernen</translation>
    </message>
    <message>
        <source>Findling reads your documents, writes questions about them, and trains its search model to find the right one. Then it compares the tuned model with the present one on documents that it has not learned from. You decide whether to use it, and can always go back. Nothing leaves this computer.</source>
        <translation>Findling liest Ihre Dokumente, schreibt Fragen dazu und übt sein Suchmodell darin, das richtige zu finden. Dann vergleicht es das angepasste Modell mit dem bisherigen, und zwar an Dokumenten, aus denen es nicht gelernt hat. Sie entscheiden, ob Sie es verwenden, und können immer zurück. Nichts verlässt diesen Computer.</translation>
    </message>
</context>
<context>
    <name>WhyDialog</name>
    <message>
        <source>Why is a file not found?</source>
        <translation>Warum wird eine Datei nicht gefunden?</translation>
    </message>
    <message>
        <source>Path of the file</source>
        <translation>Pfad der Datei</translation>
    </message>
    <message>
        <source>Path of a file or a folder</source>
        <translation>Pfad einer Datei oder eines Ordners</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Auswählen …</translation>
    </message>
    <message>
        <source>Look</source>
        <translation>Nachsehen</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei auswählen</translation>
    </message>
</context>
<context>
    <name>WorkCard</name>
    <message>
        <source>Step</source>
        <extracomment>Of the queries that were written last, so many are shown. Points of a curve of losses: the means of as many steps as it takes.</extracomment>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>Bereitet vor …</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Progress of the step</source>
        <translation>Fortschritt des Schritts</translation>
    </message>
    <message>
        <source>Questions written last</source>
        <translation>Zuletzt geschriebene Fragen</translation>
    </message>
    <message>
        <source>You may search meanwhile, or close Findling: it goes on where it was.</source>
        <translation>Sie können währenddessen suchen oder Findling schließen: es geht weiter, wo es war.</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird beendet …</translation>
    </message>
    <message>
        <source>The loss: it falls while the model learns</source>
        <translation>Der Verlust: er sinkt, während das Modell lernt</translation>
    </message>
    <message>
        <source>loss, by steps</source>
        <translation>Verlust nach Schritten</translation>
    </message>
    <message>
        <source>How well it finds the answers to held-out questions (nDCG@10, of 100)</source>
        <translation>Wie gut es Antworten auf zurückgelegte Fragen findet (nDCG@10, von 100)</translation>
    </message>
    <message>
        <source>held-out questions, by steps</source>
        <translation>zurückgelegte Fragen nach Schritten</translation>
    </message>
</context>
</TS>
