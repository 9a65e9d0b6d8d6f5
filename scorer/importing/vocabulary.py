"""Words that column names and cells are made of, in the languages of sales floors. Data only.

Each line holds what means the same, separated by commas. The lists are for guessing: what they miss,
a person adds to the mapping that was suggested.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """What the name of a column says that the column is about."""

    ID = "id"
    PERSON = "person"
    CREATED = "created"
    CHANGED = "changed"
    TIME = "time"
    OUTCOME = "outcome"
    SCORE = "score"
    OWNER = "owner"
    CHANNEL = "channel"
    ACTIVITY = "activity"
    NOTE = "note"
    COUNT = "count"


TOPICS: Final = {
    Topic.ID: "id,uid,uuid,guid,lead id,lead number,lead no,prospect id,customer id,contact id,client id,record id,account id,key,"
    "编号,线索编号,客户编号,序号,线索id,客户id,kundennummer,kennung,nummer,identifiant,código,codigo,номер,ид",
    Topic.PERSON: "first name,last name,full name,surname,name,lead name,contact name,customer name,contact person,salutation,"
    "email,e mail,mail,phone,mobile,telephone,tel,cell,fax,address,street,zip,zip code,zipcode,postcode,postal code,birthday,"
    "birth date,date of birth,dob,ssn,passport,ip,ip address,linkedin,wechat,whatsapp,skype,twitter,gender,sex,website url,"
    "姓名,名字,联系人,客户姓名,手机,手机号,手机号码,电话,联系电话,邮箱,电子邮件,地址,身份证,身份证号,生日,微信,微信号,qq,性别,邮编,"
    "vorname,nachname,anrede,telefon,handy,adresse,straße,plz,geburtsdatum,ansprechpartner,geschlecht,"
    "nombre,apellido,apellidos,correo,teléfono,móvil,dirección,prénom,nom,téléphone,courriel,adresse mail,имя,фамилия,телефон,почта",
    Topic.CREATED: "created,created at,created on,created date,create date,creation date,date created,date added,added,signup,"
    "signed up,sign up date,registered,registration date,register time,inquiry date,enquiry date,lead date,first seen,first contact,"
    "first activity,submitted,submission date,date,创建时间,创建日期,注册时间,注册日期,录入时间,登记时间,咨询时间,日期,"
    "erstellt,erstellt am,erstellungsdatum,angelegt,anlagedatum,eingang,registriert,fecha,fecha de creación,fecha de alta,fecha creación,"
    "date de création,créé,créé le,data di creazione,creato,дата создания,дата,作成日,登録日",
    Topic.CHANGED: "updated,updated at,last updated,last update,last activity date,last contacted,last contact,last contact date,last follow up,last activity,modified,modified at,last modified,modified date,changed,last changed,"
    "更新时间,修改时间,最近跟进时间,最后跟进时间,最近联系时间,最后更新,最近更新时间,geändert,geändert am,letzte änderung,aktualisiert,modificado,actualizado,modifié,mis à jour,изменен",
    Topic.TIME: "date,time,at,on,timestamp,when,day,时间,日期,datum,zeit,am,fecha,hora,heure,jour,дата,время",
    Topic.OUTCOME: "converted,conversion,is converted,won,is won,closed won,lost,outcome,result,status,lead status,stage,deal stage,"
    "lead stage,target,label,y,purchased,bought,ordered,customer,is customer,subscribed,enrolled,enrolment,deal,closed,churn,churned,deposit,close date,closed date,won date,close value,deal value,deal amount,"
    "成交,是否成交,已成交,转化,是否转化,结果,状态,线索状态,阶段,赢单,是否购买,abgeschlossen,gewonnen,ergebnis,kunde,ganado,resultado,"
    "estado,convertido,gagné,résultat,statut,результат,статус",
    Topic.SCORE: "score,lead score,grade,rating,lead grade,rank,quality,lead quality,probability,propensity,asymmetrique,lead profile,"
    "评分,得分,分数,等级,线索评分,bewertung,puntuación,note de lead,оценка",
    Topic.OWNER: "owner,lead owner,assigned,assigned to,sales rep,rep,salesperson,account manager,agent,sales agent,负责人,销售,销售员,"
    "归属人,跟进人,顾问,besitzer,zuständig,verantwortlich,betreuer,propietario,responsable,comercial,vendeur,ответственный,менеджер",
    Topic.CHANNEL: "source,lead source,channel,source channel,utm source,origin,lead origin,referrer,medium,utm medium,how did you hear,"
    "来源,线索来源,渠道,来源渠道,获客渠道,quelle,leadquelle,herkunft,kanal,fuente,origen,canal,source du lead,источник,канал,流入元",
    Topic.ACTIVITY: "activity,last activity,last notable activity,event,event type,event name,activity type,last action,action,"
    "interaction,last event,behaviour,behavior,engagement,行为,最近行为,最近活动,活动,动作,事件,aktivität,letzte aktivität,aktion,ereignis,"
    "actividad,última actividad,evento,acción,activité,dernière activité,активность,событие",
    Topic.NOTE: "note,notes,comment,comments,remark,remarks,message,description,details,feedback,备注,留言,描述,说明,跟进记录,bemerkung,"
    "bemerkungen,kommentar,notiz,nachricht,beschreibung,notas,comentario,comentarios,mensaje,remarque,commentaire,комментарий",
    Topic.COUNT: "total,number,count,times,no,num,qty,次数,数量,总数,anzahl,número,nombre de,количество",
}  # fmt: skip

CONCEPTS: Final = (
    "industry,sector,vertical,branche,industria,sektor,secteur,行业,所属行业,отрасль,業種",
    "size,company size,employees,number of employees,employee count,headcount,staff,mitarbeiter,mitarbeiterzahl,firmengröße,"
    "unternehmensgröße,empleados,tamaño,effectif,taille,规模,公司规模,企业规模,人数,员工数,员工人数,сотрудники,従業員数",
    "region,country,state,province,territory,area,location,market,city,land,bundesland,stadt,ort,país,pais,provincia,ciudad,pays,ville,地区,"
    "区域,国家,省份,所在地,城市,所在城市,регион,страна,город,国",
    "department,function,dept,team,business unit,abteilung,departamento,département,service,部门,所在部门,отдел,部署",
    "title,job title,position,role,designation,job,job role,berufsbezeichnung,funktion,cargo,puesto,poste,职位,职务,头衔,岗位,должность,役職",
    "decision power,decision,authority,decision maker,decision making power,decision role,buying role,purchasing authority,entscheider,"
    "entscheidungsbefugnis,poder de decisión,décideur,决策权,决策,是否决策人,决策人",
    "influence,influencer,seniority,influence level,einfluss,influencia,影响力",
    "interest,product interest,interested in,area of interest,interesse,interés,intérêt,意向,兴趣,意向产品,感兴趣的产品,意向等级",
    "specialization,specialisation,field of study,major,subject,course,programme,program,专业,课程,意向课程,studienfach,kurs",
    "occupation,profession,employment,employment status,current occupation,what is your current occupation,work status,beruf,beschäftigung,"
    "ocupación,profesión,职业,профессия,職業",
    "budget,price range,预算,presupuesto,бюджет,予算",
    "revenue,annual revenue,turnover,umsatz,jahresumsatz,ingresos,chiffre d affaires,营收,年收入,выручка",
    "source,lead source,channel,source channel,utm source,来源,渠道,quelle,fuente,источник",
    "timeline,timeframe,purchase timeframe,urgency,zeitrahmen,购买时间,采购时间",
    "technology,tech stack,stack,tools,技术栈",
    "education,degree,qualification,education level,学历,abschluss,bildung,educación",
    "time on site,time on website,time spent,total time spent on website,session duration,访问时长,停留时间,verweildauer",
    "visits,total visits,site visits,number of visits,sessions,访问次数,besuche,visitas,visites",
    "page views,pages per visit,page views per visit,pageviews,浏览量,页面浏览量,seitenaufrufe",
)  # fmt: skip

VALUE_GROUPS: Final = (
    "software,saas,it,information technology,it services,computer software,internet,tech,technology,软件,互联网,信息技术,it服务,软件开发,informatik,informática,informatique,ПО",
    "finance,financial services,banking,bank,fintech,insurance,金融,银行,保险,finanzen,finanzdienstleistungen,finanzas,banca,banque",
    "manufacturing,industrial,production,制造,制造业,fertigung,industrie,herstellung,manufactura",
    "healthcare,health,medical,hospital,pharma,医疗,医药,健康,gesundheit,gesundheitswesen,salud,santé",
    "education,edtech,school,university,教育,培训,bildung,educación,éducation",
    "retail,ecommerce,e commerce,零售,电商,handel,einzelhandel,comercio,commerce",
    "logistics,transport,transportation,物流,运输,logistik,logística",
    "real estate,property,房地产,immobilien,inmobiliaria,immobilier",
    "government,public sector,政府,公共部门,behörde,öffentlicher dienst",
    "gambling,casino,betting,博彩",
    "ceo,chief executive officer,founder,co founder,owner,managing director,president,geschäftsführer,总经理,首席执行官,创始人,董事长,ceo/founder,director general,pdg",
    "cto,chief technology officer,技术总监,首席技术官",
    "cfo,chief financial officer,财务总监,首席财务官",
    "c level,executive,c suite,cxo,高管",
    "vp,vice president,svp,evp,副总裁,副总,vizepräsident,vicepresidente",
    "director,head,head of,department head,总监,direktor,leiter,abteilungsleiter,bereichsleiter,directeur,director de",
    "manager,team lead,team leader,supervisor,经理,主管,teamleiter,gerente,jefe,responsable",
    "engineer,developer,programmer,specialist,analyst,工程师,专员,开发,ingenieur,entwickler,ingeniero",
    "intern,trainee,working student,werkstudent,praktikant,实习生,实习,becario,stagiaire",
    "student,pupil,学生,在校生,studierende,studentin,estudiante,étudiant,студент",
    "working professional,employed,employee,professional,working,salaried,full time,在职,上班族,angestellt,berufstätig,empleado,salarié",
    "unemployed,job seeker,jobless,not working,待业,失业,无业,arbeitslos,desempleado,sans emploi",
    "self employed,freelancer,businessman,business owner,entrepreneur,自由职业,个体,selbständig,autónomo,indépendant",
    "homemaker,housewife,家庭主妇,全职妈妈,hausfrau,ama de casa",
    "sales,business development,销售,vertrieb,verkauf,ventas,ventes",
    "marketing,市场,市场部,营销,mercadotecnia",
    "engineering,development,r&d,research and development,it department,technology,技术部,研发,研发部,entwicklung,ingeniería",
    "operations,ops,运营,运营部,betrieb,operaciones",
    "procurement,purchasing,采购,采购部,einkauf,compras,achats",
    "hr,human resources,人力资源,人事,personal,recursos humanos,rh",
    "high,strong,高,强,hoch,alto,alta,élevé,высокий",
    "medium,middle,mid,moderate,中,中等,mittel,medio,moyen,средний",
    "low,weak,低,弱,niedrig,gering,bajo,faible,низкий",
    "decider,decision maker,decides,final,sole,决策者,决策人,entscheider,decisor",
    "china,cn,prc,people's republic of china,中国,volksrepublik china",
    "germany,de,deutschland,deu,德国,alemania,allemagne",
    "united states,us,usa,united states of america,america,美国,vereinigte staaten,estados unidos,états unis",
    "united kingdom,uk,gb,great britain,england,英国,großbritannien,reino unido",
    "france,fr,frankreich,francia,法国",
    "spain,es,españa,spanien,espagne,西班牙",
    "google,google ads,google search,谷歌",
    "referral,reference,recommendation,word of mouth,referred,推荐,转介绍,口碑,老客户介绍,empfehlung,recomendación",
    "organic search,organic,seo,search engine,搜索引擎,自然搜索,suchmaschine",
    "event,conference,trade show,fair,expo,展会,活动,会议,messe,veranstaltung,evento",
    "website,web,web form,website form,landing page,官网,网站,webseite,sitio web,site web",
)  # fmt: skip

ACTIONS: Final = (
    "email opened,opened email,email open,opened mail,emails opened,email opens,打开邮件,邮件打开,e mail geöffnet",
    "email clicked,email link clicked,clicked email link,email click,link clicked,email clicks,emails clicked,点击邮件,邮件点击",
    "email bounced,email bounce,mail bounced,邮件退回",
    "unsubscribed,unsubscribe,email unsubscribed,opted out,opt out,退订,取消订阅,abgemeldet",
    "page viewed,page visited,page visited on website,page view,page views,visited page,website visit,website visited,web visit,visit,visits,"
    "total visits,visited website,pageviews,number of pageviews,number of visits,number of sessions,sessions,web visits,page visits,website visits,浏览页面,页面浏览,访问网站,访问官网,访问次数,网站访问,浏览次数,webseite besucht,seitenaufruf,seitenaufrufe,visitas",
    "pricing viewed,pricing page viewed,pricing page visited,viewed pricing,pricing page,查看价格,浏览价格页,preisseite besucht",
    "form submitted,form submitted on website,submitted form,form filled,form fill,提交表单,formular abgeschickt",
    "document downloaded,downloaded document,content downloaded,whitepaper downloaded,download,downloads,ebook downloaded,brochure downloaded,"
    "whitepaper download,downloaded,document download,documents downloaded,下载资料,资料下载,下载白皮书,下载文档,下载次数,dokument heruntergeladen",
    "document requested,documents requested,whitepaper downloaded,whitepaper download,document downloaded,brochure downloaded,downloads,download,下载资料,资料下载,requested documents,asked for documents,material requested,info requested,requested information,"
    "brochure requested,索取资料,索要资料,要求资料,unterlagen angefordert",
    "demo requested,requested demo,demo request,request a demo,requested a demo,asked for demo,demo booked,booked demo,demo,申请演示,预约演示,请求演示,demo angefordert,demo solicitada",
    "quote requested,requested quote,quote request,asked for quote,pricing requested,requested quotation,requested pricing,price enquiry,proposal requested,索取报价,询价,要求报价,"
    "angebot angefordert,presupuesto solicitado",
    "needs stated,detailed needs,stated needs,described needs,requirements shared,needs detailed,详细需求,说明需求,需求明确",
    "question asked,asked question,asked questions,questions asked,question,questions,提问,咨询问题,提问次数,frage gestellt",
    "trial started,started trial,free trial,trial,signed up for trial,试用,开始试用,申请试用,testversion",
    "webinar attended,attended webinar,webinar,event attended,attended event,参加活动,参加直播,参加研讨会,webinar besucht",
    "meeting held,meeting,met,meeting attended,meetings,meeting booked,会议,见面,面谈,拜访,termin",
    "call answered,answered call,phone conversation,had a phone conversation,spoke on phone,call connected,calls answered,接听电话,电话接通,电话沟通,telefonat",
    "call unanswered,unanswered call,no answer,call not answered,missed call,unreachable,not reachable,did not answer,calls unanswered,missed calls,"
    "未接电话,未接听,电话未接,无法接通,nicht erreicht",
    "message unanswered,unanswered message,no reply,message not answered,did not reply,未回复,未回消息,keine antwort",
    "message answered,replied,reply,message replied,email replied,email reply,message received,email received,email marked spam,回复消息,已回复,回复邮件,antwort",
    "chat started,chat,live chat,chat conversation,olark chat conversation,chatted,在线咨询,在线聊天,chat begonnen",
    "sms sent,message sent,sms,text sent,发送短信,短信",
    "budget too low,low budget,no budget,too expensive,cannot afford,预算不足,太贵,预算太低,kein budget",
    "problem unclear,cannot state the problem,unclear needs,no clear need,需求不明确,说不清问题",
    "call booked,callback requested,call requested,requested callback,call back,预约回电,回电,rückruf",
    "course viewed,course page viewed,viewed course,查看课程,浏览课程",
    "application started,started application,applied,application submitted,申请课程,报名",
)  # fmt: skip

WON: Final = frozenset("won,closed won,converted,customer,client,sold,deal,deal won,win,success,successful,purchased,成交,已成交,赢单,已购买,"
                       "gewonnen,kunde,ganado,gagné,cliente,выигран,продажа".split(","))  # fmt: skip
LOST: Final = frozenset(
    "lost,closed lost,deal lost,dead,churned,失败,输单,丢单,已流失,流失,verloren,perdido,perdu,проигран".split(
        ","
    )
)
DISQUALIFIED: Final = frozenset(
    "disqualified,unqualified,junk,junk lead,invalid,not qualified,spam,bad lead,无效,无效线索,不合格,disqualifiziert,ungültig".split(
        ","
    )
)
OPENED: Final = frozenset(
    "opportunity,opportunity opened,proposal,negotiation,proposal sent,商机,报价,谈判,verhandlung,angebot".split(
        ","
    )
)

NEGATIONS: Final = frozenset(
    "no not never without missed did't kein keine nicht sin sans pas nunca".split()
)
