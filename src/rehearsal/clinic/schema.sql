-- The synthetic clinic's database: the application's core tables under their real names, with
-- plausible columns, and the features that a cutover must get right: packed records, padding,
-- tables without a primary key, shared masters behind views, blobs.
--
-- The generator reads this file: one column to a line; `rows: fixed N`, `rows: patient N` (for
-- each patient) or `rows: share N` (for every Nth patient); `grow` where a larger database has
-- more rows.
CREATE SCHEMA master;

-- rows: fixed 4
CREATE TABLE tbl_dbkanri (
    kanricd character(8) NOT NULL,
    version character varying(16),
    dbsversion1 character varying(16),
    dbsversion2 character varying(16),
    kanriymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (kanricd)
);

-- rows: fixed 1
CREATE TABLE tbl_sysbase (
    hospid character varying(24) NOT NULL,
    hospcd character(7),
    kanritbl character varying(500),
    sysname character varying(80),
    adrs character varying(200),
    tel character varying(15),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, hospid)
);

-- rows: fixed 240
CREATE TABLE tbl_syskanri (
    kanricd character(4) NOT NULL,
    kbncd character(8) NOT NULL,
    styukymd character(8),
    edyukymd character(8),
    kanritbl character varying(500),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, kanricd, kbncd)
);

-- rows: patient 1
CREATE TABLE tbl_ptinf (
    ptid bigint NOT NULL,
    kananame character varying(50),
    name character varying(50),
    nickname character varying(50),
    sex character(1),
    birthday character(8),
    deathkbn character(1),
    home_post character(7),
    home_adrs character varying(200),
    home_banti character varying(100),
    tel character varying(15),
    fax character varying(15),
    mail character varying(100),
    setainame character varying(50),
    zokugara character varying(20),
    comment1 character varying(100),
    race character(2),
    ymd character(8),
    testkbn character(1),
    genmenkbn character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid)
);

-- rows: patient 1
CREATE TABLE tbl_ptnum (
    ptid bigint NOT NULL,
    ptnum character(20),
    delkbn character(1),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid)
);

-- rows: patient 2
CREATE TABLE tbl_pthkninf (
    ptid bigint NOT NULL,
    hknid numeric(8) NOT NULL,
    hknnum character(3),
    hknjanum character(8),
    hihknjaname character varying(50),
    kigo character varying(80),
    num character varying(80),
    honkzkkbn character(1),
    tekstymd character(8),
    tekedymd character(8),
    kakuninymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, hknid)
);

-- rows: patient 1
CREATE TABLE tbl_ptkohinf (
    ptid bigint NOT NULL,
    kohid numeric(8) NOT NULL,
    kohnum character(3),
    ftnjanum character(8),
    jkysnum character varying(20),
    tekstymd character(8),
    tekedymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, kohid)
);

-- rows: patient 1
CREATE TABLE tbl_ptkohftn (
    ptid bigint NOT NULL,
    kohid numeric(8) NOT NULL,
    ftnmoney numeric(8),
    nyugai character(1),
    tekstymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, kohid)
);

-- rows: patient 6
CREATE TABLE tbl_ptbyomei (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    byomeicd character varying(20),
    byomei character varying(160),
    byomeihenkflg character(1),
    sryka character(2),
    sryymd character(8),
    tenkiymd character(8),
    tenkikbn character(1),
    utagaiflg character(1),
    syubyoflg character(1),
    hosokumei character varying(100),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 1
CREATE TABLE tbl_ptmemoinf (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    sryka character(2),
    memo character varying(500),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 1
CREATE TABLE tbl_ptcom (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    sryka character(2),
    comment character varying(200),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 1
CREATE TABLE tbl_ptotherinf (
    ptid bigint NOT NULL,
    kakuninymd character(8),
    office_name character varying(100),
    office_post character(7),
    office_adrs character varying(200),
    office_tel character varying(15),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid)
);

-- rows: patient 1
CREATE TABLE tbl_ptrsvinf (
    ptid bigint NOT NULL,
    sryka character(2),
    memo character varying(100),
    rsvymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid)
);

-- rows: patient 1
CREATE TABLE tbl_ptmynumber (
    ptid bigint NOT NULL,
    mynumber character(12),
    kakuninymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid)
);

-- rows: patient 1
CREATE TABLE tbl_ptcmt (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    cmtcd character(9),
    comment character varying(100),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 1
CREATE TABLE tbl_ptadrsrrk (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    home_post character(7),
    home_adrs character varying(200),
    home_banti character varying(100),
    tel character varying(15),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: fixed 30
CREATE TABLE tbl_hknjainf_user (
    hknjanum character(8) NOT NULL,
    hknjaname character varying(120),
    post character(7),
    adrs character varying(200),
    tel character varying(15),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, hknjanum)
);

-- rows: patient 4 grow
CREATE TABLE tbl_uketuke (
    ptid bigint NOT NULL,
    ukeid numeric(8) NOT NULL,
    ukeymd character(8),
    ukehms character(6),
    sryka character(2),
    drcd character(5),
    hkncombi character(4),
    name character varying(50),
    kbn character(1),
    srynaiyo character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, ukeid)
);

-- rows: patient 1
CREATE TABLE tbl_yyk (
    ptid bigint NOT NULL,
    yykid numeric(8) NOT NULL,
    yykymd character(8),
    yykhms character(6),
    sryka character(2),
    drcd character(5),
    name character varying(50),
    kananame character varying(50),
    tel character varying(15),
    memo character varying(100),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, yykid)
);

-- rows: patient 6 grow
CREATE TABLE tbl_jyurrk (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    nyugaikbn character(1),
    sryka character(2),
    sryymd character(8),
    hkncombi character(4),
    drcd character(5),
    zainum1 numeric(8),
    zainum2 numeric(8),
    zainum3 numeric(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 18 grow
CREATE TABLE tbl_sryact (
    ptid bigint NOT NULL,
    zainum numeric(8) NOT NULL,
    nyugaikbn character(1),
    srykbn character(2),
    srysyukbn character(3),
    sryka character(2),
    srycd1 character(9),
    suryo1 numeric(12,5),
    srycd2 character(9),
    suryo2 numeric(12,5),
    srycd3 character(9),
    suryo3 numeric(12,5),
    srycd4 character(9),
    suryo4 numeric(12,5),
    inputcoment character varying(80),
    sryymd character(8),
    hkncombi character(4),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, zainum)
);

-- rows: patient 6 grow
CREATE TABLE tbl_sryacct (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    nyugaikbn character(1),
    sryka character(2),
    sryym character(6),
    srykbn character(2),
    zainum numeric(8),
    zaikaisu numeric(4),
    zaiten numeric(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 6 grow
CREATE TABLE tbl_sryacct_main (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    nyugaikbn character(1),
    sryka character(2),
    sryym character(6),
    hkncombi character(4),
    zaiten numeric(8),
    zaikaisu numeric(4),
    day_1 numeric(2),
    day_2 numeric(2),
    day_3 numeric(2),
    day_4 numeric(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 6 grow
CREATE TABLE tbl_sryacct_sub (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    seq numeric(4),
    srycd character(9),
    suryo numeric(12,5),
    inputcoment character varying(80),
    byomei character varying(80),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 4 grow
CREATE TABLE tbl_syunou_main (
    ptid bigint NOT NULL,
    denpnum numeric(8) NOT NULL,
    nyugaikbn character(1),
    sryka character(2),
    denpymd character(8),
    sryymd character(8),
    skymoney numeric(10),
    nyumoney numeric(10),
    stts character(1),
    hkncombi character(4),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, denpnum)
);

-- rows: patient 4 grow
CREATE TABLE tbl_syunou (
    ptid bigint NOT NULL,
    denpnum numeric(8) NOT NULL,
    rennum numeric(4),
    nyukinymd character(8),
    nyumoney numeric(10),
    nyuhou character(2),
    comment1 character varying(40),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, denpnum)
);

-- rows: patient 4 grow
CREATE TABLE tbl_santei (
    ptid bigint NOT NULL,
    santeiid numeric(8) NOT NULL,
    srycd character(9),
    sryymd character(8),
    santeikaisu numeric(4),
    kisanymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, santeiid)
);

-- rows: patient 2
CREATE TABLE tbl_seikyu (
    ptid bigint NOT NULL,
    seq numeric(8) NOT NULL,
    sryym character(6),
    skykyk character(1),
    hknjanum character(8),
    ten numeric(8),
    ftn numeric(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, seq)
);

-- rows: patient 2
CREATE TABLE tbl_seikyu_main (
    ptid bigint NOT NULL,
    seq numeric(8) NOT NULL,
    sryym character(6),
    skyym character(6),
    nyugaikbn character(1),
    teisyutusaki character(1),
    recesyubetu character(4),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, seq)
);

-- rows: patient 2 grow
CREATE TABLE tbl_receden (
    ptid bigint NOT NULL,
    seq numeric(8) NOT NULL,
    sryym character(6),
    recedata character varying(500),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, seq)
);

-- rows: patient 1 grow
CREATE TABLE tbl_receprt (
    ptid bigint NOT NULL,
    seq numeric(8) NOT NULL,
    sryym character(6),
    prtdata character varying(500),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, seq)
);

-- rows: patient 1
CREATE TABLE tbl_rececom (
    ptid bigint NOT NULL,
    seq numeric(8) NOT NULL,
    sryym character(6),
    comment character varying(500),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, seq)
);

-- rows: patient 1 grow
CREATE TABLE tbl_prtdata (
    uid character(16),
    ptid bigint NOT NULL,
    seq numeric(8) NOT NULL,
    prtid character varying(20),
    prtdata character varying(500),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, seq)
);

-- rows: fixed 3
CREATE TABLE tbl_wksryact (
    wkid numeric(8) NOT NULL,
    ptid bigint,
    srycd1 character(9),
    suryo1 numeric(12,5),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, wkid)
);

-- rows: patient 1
CREATE TABLE tbl_labor_sick (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    syobyoymd character(8),
    jigyosyo character varying(100),
    kenkan character varying(40),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 1
CREATE TABLE tbl_ptnyuinrrk (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    nyuinymd character(8),
    taiinymd character(8),
    brmnum character(6),
    btunum character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: fixed 400
CREATE TABLE tbl_inputcd (
    inputcd character varying(20),
    dspseq numeric(8) NOT NULL,
    srycd character(9),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, dspseq)
);

-- rows: fixed 300
CREATE TABLE tbl_inputset (
    setcd character varying(20),
    setseq numeric(8) NOT NULL,
    inputcd character(9),
    suryo1 numeric(12,5),
    inputcoment character varying(80),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, setseq)
);

-- rows: fixed 100
CREATE TABLE tbl_codetbl (
    cdkbn character(4),
    cd numeric(8) NOT NULL,
    cdname character varying(80),
    cdryaku character varying(20),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, cd)
);

-- rows: fixed 60
CREATE TABLE tbl_list (
    listid numeric(8) NOT NULL,
    listname character varying(80),
    listsyu character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, listid)
);

-- rows: fixed 5
CREATE TABLE tbl_drinf (
    drid numeric(5) NOT NULL,
    name character varying(50),
    kananame character varying(50),
    mayaku character varying(20),
    sryka character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, drid)
);

-- rows: fixed 8
CREATE TABLE tbl_operator (
    opno numeric(5) NOT NULL,
    name character varying(50),
    kananame character varying(50),
    kengen character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, opno)
);

-- rows: fixed 8
CREATE TABLE tbl_passwd (
    userid character(16) NOT NULL,
    userpass character varying(80),
    kengen character(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, userid)
);

-- rows: fixed 2
CREATE TABLE tbl_access_key (
    keyid character(16) NOT NULL,
    keytext character varying(128),
    expireymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, keyid)
);

-- rows: fixed 420
CREATE TABLE tbl_commentmst (
    comcd character(9) NOT NULL,
    comment character varying(120),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, comcd)
);

-- rows: fixed 60
CREATE TABLE tbl_tensu_user (
    srycd character(9) NOT NULL,
    yukostymd character(8),
    name character varying(120),
    kananame character varying(120),
    ten numeric(10,2),
    taniname character varying(24),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, srycd)
);

-- rows: patient 1
CREATE TABLE tbl_uncol (
    ptid bigint NOT NULL,
    denpnum numeric(8) NOT NULL,
    uncolymd character(8),
    unmoney numeric(10),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, denpnum)
);

-- rows: patient 1
CREATE TABLE tbl_kenkorireki (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    kensaymd character(8),
    kekka1 numeric(10,2),
    kekka2 numeric(10,2),
    syoken character varying(200),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: fixed 120
CREATE TABLE tbl_toukei (
    toukeiym character(6),
    seq numeric(8) NOT NULL,
    kensu numeric(8),
    ten numeric(10),
    kingaku numeric(12),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, seq)
);

-- rows: fixed 365
CREATE TABLE tbl_schedule (
    seq numeric(8) NOT NULL,
    yotei character varying(80),
    ymd character(8),
    kyusinkbn character(1),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, seq)
);

-- rows: fixed 200
CREATE TABLE tbl_yakuzai (
    seq numeric(8) NOT NULL,
    srycd character(9),
    zaiko numeric(10),
    memo character varying(80),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, seq)
);

-- rows: patient 1
CREATE TABLE tbl_syohosen (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    hakkoymd character(8),
    naiyo character varying(400),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: patient 1
CREATE TABLE tbl_shoukai (
    ptid bigint NOT NULL,
    rennum numeric(8) NOT NULL,
    iryokikan character varying(100),
    isi character varying(50),
    naiyo character varying(400),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, ptid, rennum)
);

-- rows: fixed 5
CREATE TABLE tbl_para (
    paraid numeric(8) NOT NULL,
    paradata character varying(200),
    ymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, paraid)
);

-- rows: fixed 2
CREATE TABLE tbl_lock (
    lockid numeric(8) NOT NULL,
    lockkbn character(2),
    locktermid character varying(32),
    lockhms character(6),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, lockid)
);

-- rows: fixed 3
CREATE TABLE tbl_jobkanri (
    jobid numeric(7) NOT NULL,
    shellid character varying(20),
    startymd character(8),
    starthms character(6),
    endhms character(6),
    errmsg character varying(200),
    cnt numeric(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, jobid)
);

-- rows: fixed 4
CREATE TABLE tbl_api_para (
    paraid numeric(8) NOT NULL,
    paradata character varying(200),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, paraid)
);

-- rows: fixed 4
CREATE TABLE tbl_spa_tmp (
    seq numeric(8) NOT NULL,
    tmpdata character varying(200),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hospnum, seq)
);

-- rows: fixed 6
CREATE TABLE monbatch (
    id character varying(40) NOT NULL,
    tenant character varying(40),
    starttime character varying(32),
    groupname character varying(40),
    PRIMARY KEY (id)
);

-- rows: fixed 10
CREATE TABLE monbatch_log (
    id character varying(40) NOT NULL,
    starttime character varying(32),
    endtime character varying(32),
    exec_record character varying(200),
    PRIMARY KEY (id)
);

-- rows: fixed 10
CREATE TABLE monbatch_clog (
    id character varying(40) NOT NULL,
    num integer,
    command character varying(200),
    rc integer,
    PRIMARY KEY (id)
);

-- rows: fixed 10
CREATE TABLE monpushevent (
    uuid character varying(40) NOT NULL,
    event character varying(40),
    pushed_at timestamp with time zone,
    pushed smallint,
    PRIMARY KEY (uuid)
);

-- rows: share 10 grow
CREATE TABLE monblob (
    id character varying(40) NOT NULL,
    importtime timestamp with time zone,
    lifetype integer,
    filename character varying(80),
    content_type character varying(40),
    file_data bytea,
    PRIMARY KEY (id)
);

-- rows: fixed 12
CREATE TABLE aps_migrations (
    version character varying(40) NOT NULL,
    PRIMARY KEY (version)
);

-- rows: fixed 2
CREATE TABLE ap_server_ld_processes (
    id integer NOT NULL,
    name character varying(40),
    pid integer,
    PRIMARY KEY (id)
);

-- rows: fixed 200
CREATE TABLE tbl_interact (
    drugcd character(9),
    drugcd2 character(9),
    syojyoucd character(7),
    syojyou character varying(100),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL
);

-- rows: patient 1
CREATE TABLE tbl_ptsrh (
    termkey character(16),
    ptid bigint,
    name character varying(50),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL
);

-- rows: fixed 10
CREATE TABLE tbl_rrksrh (
    termkey character(16),
    ptid bigint,
    srycd character(9),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL
);

-- rows: fixed 10
CREATE TABLE tbl_skysrh (
    termkey character(16),
    ptid bigint,
    denpnum numeric(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL
);

-- rows: fixed 10
CREATE TABLE tbl_srysrh (
    termkey character(16),
    srycd character(9),
    name character varying(80),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL
);

-- rows: fixed 150
CREATE TABLE tbl_synonym (
    synonym character varying(80),
    byomei character varying(80),
    kbn character(1),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL
);

-- rows: fixed 1500
CREATE TABLE master.tbl_byomei (
    byomeicd character(7) NOT NULL,
    byomei character varying(160),
    byomeikana character varying(80),
    icd10 character varying(8),
    haisiymd character(8),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (byomeicd)
);

-- rows: fixed 2000
CREATE TABLE master.tbl_tensu_master (
    srycd character(9) NOT NULL,
    yukostymd character(8),
    yukoedymd character(8),
    name character varying(120),
    kananame character varying(120),
    ten numeric(10,2),
    taniname character varying(24),
    srysyukbn character(3),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (srycd)
);

-- rows: fixed 800
CREATE TABLE master.tbl_adrs (
    post character(7) NOT NULL,
    adrs character varying(200),
    kanaadrs character varying(200),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (post)
);

-- rows: fixed 300
CREATE TABLE master.tbl_etensu_1 (
    srycd character(9) NOT NULL,
    yukostymd character(8),
    h_day numeric(2),
    h_month numeric(2),
    rday numeric(2),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (srycd)
);

-- rows: fixed 300
CREATE TABLE master.tbl_etensu_2 (
    srycd character(9) NOT NULL,
    yukostymd character(8),
    haikbn character(1),
    tokurei character(1),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (srycd)
);

-- rows: fixed 200
CREATE TABLE master.tbl_etensu_3 (
    srycd character(9) NOT NULL,
    n_group character(7),
    kasan character(1),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (srycd)
);

-- rows: fixed 200
CREATE TABLE master.tbl_generic (
    genericcd character(12) NOT NULL,
    genericname character varying(200),
    biko character varying(100),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (genericcd)
);

-- rows: fixed 300
CREATE TABLE master.tbl_hknjainf (
    hknjanum character(8) NOT NULL,
    hknjaname character varying(120),
    post character(7),
    adrs character varying(200),
    tel character varying(15),
    termid character varying(16),
    opid character varying(16),
    creymd character(8),
    upymd character(8),
    uphms character(6),
    hospnum numeric(2) NOT NULL,
    PRIMARY KEY (hknjanum)
);

CREATE VIEW tbl_byomei AS SELECT * FROM master.tbl_byomei;
CREATE VIEW tbl_adrs AS SELECT * FROM master.tbl_adrs;
CREATE VIEW tbl_etensu_1 AS SELECT * FROM master.tbl_etensu_1;
CREATE VIEW tbl_etensu_2 AS SELECT * FROM master.tbl_etensu_2;
CREATE VIEW tbl_etensu_3 AS SELECT * FROM master.tbl_etensu_3;
CREATE VIEW tbl_generic AS SELECT * FROM master.tbl_generic;
CREATE VIEW tbl_hknjainf AS SELECT * FROM master.tbl_hknjainf;
CREATE VIEW tbl_tensu AS
    SELECT srycd, yukostymd, name, kananame, ten, taniname, hospnum FROM master.tbl_tensu_master
    UNION ALL
    SELECT srycd, yukostymd, name, kananame, ten, taniname, hospnum FROM tbl_tensu_user;
